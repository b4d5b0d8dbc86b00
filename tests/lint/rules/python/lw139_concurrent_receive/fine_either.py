"""One of two readers, as is asked for; and one after the other."""

import asyncio

import websockets


class Client:
    def __init__(self, ws: websockets.WebSocketClientProtocol, raw: bool):
        self.ws = ws
        self.raw = raw

    async def read_text(self):
        async for message in self.ws:
            print(message)

    async def read_raw(self):
        while True:
            print(bytes(await self.ws.recv()))

    async def handshake(self):
        print(await self.ws.recv())

    async def run(self):
        await asyncio.create_task(self.handshake())
        if self.raw:
            reader = asyncio.create_task(self.read_raw())
        else:
            reader = asyncio.create_task(self.read_text())
        await reader
