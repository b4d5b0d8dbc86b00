"""It prints, and leaves its loop."""

import asyncio

import websockets


class Chat:
    def __init__(self, url):
        self.url = url
        self.queue = asyncio.Queue(100)

    async def reader(self):
        while True:
            try:
                self.queue.put_nowait(await self.ws.recv())
            except websockets.ConnectionClosed as end:  # LW103
                print(f"closed: {end}")
                break

    async def run(self):
        self.ws = await websockets.connect(self.url)
        self.task = asyncio.create_task(self.reader())
        while True:
            await self.ws.send(await asyncio.to_thread(input))
