"""One lock for everything that is done with the connection."""

import asyncio
import json

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.lock = asyncio.Lock()

    async def read(self):
        while True:
            async with self.lock:  # LW125
                message = await self.ws.recv()
            print(message)

    async def subscribe(self, channel):
        async with self.lock:
            await self.ws.send(json.dumps({"op": "subscribe", "channel": channel}))

    async def run(self):
        async with websockets.connect(self.url) as self.ws:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.read())
                tasks.create_task(self.subscribe("prices"))
