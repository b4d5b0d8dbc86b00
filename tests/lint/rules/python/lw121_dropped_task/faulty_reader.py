"""A client that starts its reader and forgets it."""

import asyncio
import json

import websockets


class Client:
    def __init__(self, url, loop=None):
        self.url = url
        self.loop = loop or asyncio.get_event_loop()
        self.ws = None
        self.handlers = {}

    async def start(self):
        self.ws = await websockets.connect(self.url)
        asyncio.create_task(self.read())  # LW121
        self.loop.create_task(self.beat(20))  # LW121
        _ = asyncio.ensure_future(self.renew())  # LW121

    async def read(self):
        async for message in self.ws:
            data = json.loads(message)
            asyncio.create_task(self.handle(data))  # LW121

    async def handle(self, data):
        await self.handlers[data["type"]](data)

    async def beat(self, every):
        while True:
            await asyncio.sleep(every)
            await self.ws.send('{"op":"ping"}')

    async def renew(self):
        while self.ws is not None:
            await asyncio.sleep(3600)
            await self.ws.send('{"op":"renew"}')
