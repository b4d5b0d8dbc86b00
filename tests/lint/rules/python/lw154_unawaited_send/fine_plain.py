"""Libraries whose sends are no coroutines."""

import tornado.websocket
import websocket
from autobahn.asyncio.websocket import WebSocketServerProtocol
from websockets.sync.client import connect


def on_open(ws):
    ws.send("hello")


def on_message(ws, message):
    ws.send(message)
    ws.close()


class Echo(tornado.websocket.WebSocketHandler):
    async def on_message(self, message):
        self.write_message(message)
        self.ping(b"")
        self.close()


class Protocol(WebSocketServerProtocol):
    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)


def main(url):
    with connect(url) as ws:
        ws.send("hello")
        ws.close()
    websocket.WebSocketApp(url, on_open=on_open, on_message=on_message).run_forever()
