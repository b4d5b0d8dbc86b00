"""The handler, or the loop, comes to know of the end in a way of its own."""

import asyncio
import enum

import websockets
from websocket import create_connection


class State(enum.Enum):
    OPEN = 1
    CLOSED = 2


class Feed:
    def __init__(self, url):
        self.url = url
        self.stop = False
        self.error = None
        self.ws = None

    def listen(self):
        self.ws = create_connection(self.url, timeout=30)
        while not self.stop:
            try:
                data = self.ws.recv()
            except Exception as error:
                self.on_error(error)
            else:
                print(data)

    def on_error(self, error):
        self.error = error
        self.stop = True


class Kept:
    def __init__(self):
        self._ended = (OSError,)
        self._conn_closed = websockets.exceptions.ConnectionClosed

    async def listen(self, ws: websockets.ClientConnection):
        while True:
            try:
                print(await ws.recv())
            except self._conn_closed as error:
                print("over", error)
                break
            except Exception as error:
                print("bad message", error)


class Listener:
    def __init__(self, ws: websockets.ClientConnection):
        self.ws = ws

    async def reconnect(self):
        await asyncio.sleep(1)
        self.ws = await websockets.connect("wss://example.com")

    async def listen(self):
        while True:
            try:
                if self.ws.state == State.CLOSED:
                    await self.reconnect()
                print(await self.ws.recv())
            except Exception as error:
                print(error)
