"""The program itself: a server that runs until it is stopped."""

import asyncio

import websockets


class Server:
    def __init__(self):
        self.clients = set()

    async def start(self):
        async with websockets.serve(self.serve_one, "", 8765):
            while True:
                await self.tell_all("tick")
                await asyncio.sleep(1)

    async def tell_all(self, text):
        for client in list(self.clients):
            try:
                await client.send(text)
            except websockets.ConnectionClosed:
                self.clients.discard(client)

    async def serve_one(self, ws: websockets.ServerConnection):
        self.clients.add(ws)
        await ws.wait_closed()


if __name__ == "__main__":
    asyncio.run(Server().start())
