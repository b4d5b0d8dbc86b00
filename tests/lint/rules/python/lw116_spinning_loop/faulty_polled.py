"""A queue for threads is polled in coroutines, and beside a reader."""

import asyncio
import queue

import websockets


class Bridge:
    def __init__(self, url):
        self.url = url
        self.requests: "queue.Queue[str]" = queue.Queue()

    async def write(self, ws, pause):
        while True:  # LW116
            while not self.requests.empty():
                await ws.send(self.requests.get_nowait())
            if pause:
                await asyncio.sleep(pause)

    async def write_one(self, ws):
        while True:  # LW116
            try:
                text = self.requests.get_nowait()
            except queue.Empty:
                continue
            await ws.send(text)

    async def write_politely(self, ws):
        while True:  # LW116
            if not self.requests.empty():
                await ws.send(self.requests.get())
            await asyncio.sleep(0)

    async def run(self):
        async with websockets.connect(self.url) as ws:
            writer = asyncio.create_task(self.write(ws, 0))
            async for message in ws:
                print(message)
            writer.cancel()
