"""The same names, of asyncio."""

import asyncio

import websockets


class Writer:
    def __init__(self, url):
        self.url = url
        self.requests: asyncio.Queue[str] = asyncio.Queue(100)
        self.ready = asyncio.Event()
        self.lock = asyncio.Lock()
        self.task: asyncio.Task | None = None

    async def run(self):
        async with websockets.connect(self.url) as ws:
            self.ready.set()
            while True:
                text = await self.requests.get()
                async with self.lock:
                    await ws.send(text)
                self.requests.task_done()

    async def ask(self, text):
        await asyncio.wait_for(self.ready.wait(), 5)
        await self.requests.put(text)
        await self.requests.join()

    async def stop(self):
        await self.lock.acquire()
        if self.task is not None and self.task.done():
            print(self.task.result())
