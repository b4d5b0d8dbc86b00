"""websockets' own broadcast, tornado's plain send, and one client at a time."""

import tornado.websocket
import websockets

CLIENTS = set()


async def handler(websocket):
    CLIENTS.add(websocket)
    try:
        async for message in websocket:
            websockets.broadcast(CLIENTS, message)
            for word in message.split():
                await websocket.send(word)
    finally:
        CLIENTS.remove(websocket)


class Relay(tornado.websocket.WebSocketHandler):
    clients = set()

    def open(self):
        self.clients.add(self)

    def on_message(self, message):
        for client in self.clients:
            client.write_message(message)


async def main():
    async with websockets.serve(handler, "localhost", 8765) as server:
        await server.serve_forever()
