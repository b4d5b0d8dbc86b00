"""A feed whose messages go to a database that is slower than the market."""

import asyncio
import json

import websockets


class Recorder:
    def __init__(self, url, database):
        self.url = url
        self.database = database
        self.queue = asyncio.Queue()  # LW141

    async def read(self):
        async for ws in websockets.connect(self.url):
            try:
                async for message in ws:
                    self.on_message(json.loads(message))
            except websockets.ConnectionClosed:
                continue

    def on_message(self, event):
        if event.get("type") == "trade":
            self.queue.put_nowait(event)

    async def write(self):
        while True:
            event = await self.queue.get()
            await self.database.insert(event)

    async def run(self):
        async with asyncio.TaskGroup() as group:
            group.create_task(self.read())
            group.create_task(self.write())
