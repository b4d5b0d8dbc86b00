"""Tasks that are kept, awaited, cancelled, or asked by a callback."""

import asyncio

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.tasks = set()
        self.reader = None
        self.ws = None

    async def start(self):
        self.ws = await websockets.connect(self.url)
        self.reader = asyncio.create_task(self.read())
        task = asyncio.create_task(self.beat())
        self.tasks.add(task)
        task.add_done_callback(self.ended)
        asyncio.create_task(self.beat()).add_done_callback(self.ended)
        return asyncio.ensure_future(self.beat())

    def ended(self, task):
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            print("lost", task.exception())

    async def read(self):
        async for message in self.ws:
            print(message)

    async def beat(self):
        while True:
            await asyncio.sleep(20)
            await self.ws.ping()

    async def run(self):
        await self.start()
        beat = asyncio.create_task(self.beat())
        try:
            await self.reader
        finally:
            beat.cancel()
