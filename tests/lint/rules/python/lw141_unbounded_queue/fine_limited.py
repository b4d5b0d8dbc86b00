"""A queue with a size: the reader waits for room, and so does the other side."""

import asyncio

import websockets

LIMIT = 1_000


class Recorder:
    def __init__(self, url, database, limit=LIMIT):
        self.url = url
        self.database = database
        self.queue = asyncio.Queue(maxsize=limit)

    async def read(self):
        async with websockets.connect(self.url, max_queue=64) as ws:
            async for message in ws:
                await self.queue.put(message)

    async def write(self):
        while True:
            await self.database.insert(await self.queue.get())
