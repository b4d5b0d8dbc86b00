"""What is to be sent goes through a queue without a size: no reader fills it."""

import asyncio
import json

import websockets


class Client:
    def __init__(self):
        self.requests = asyncio.Queue()
        self.ended = asyncio.Queue()

    def ask(self, method, **parameters):
        self.requests.put_nowait({"method": method, "params": parameters})

    async def write(self, ws):
        while True:
            await ws.send(json.dumps(await self.requests.get()))

    async def read(self, ws, handle):
        async for message in ws:
            await handle(message)
        self.ended.put_nowait(None)

    async def run(self, url, handle):
        async with websockets.connect(url) as ws, asyncio.TaskGroup() as group:
            group.create_task(self.write(ws))
            group.create_task(self.read(ws, handle))
