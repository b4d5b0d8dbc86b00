"""Every turn waits, or takes something."""

import asyncio
import queue
import time

import websockets


class Bridge:
    def __init__(self, url):
        self.url = url
        self.requests = queue.Queue()
        self.outgoing: asyncio.Queue[str] = asyncio.Queue()
        self.event = asyncio.Event()

    async def write(self, ws: websockets.WebSocketClientProtocol):
        while True:
            if not self.requests.empty():
                await ws.send(self.requests.get_nowait())
            else:
                await asyncio.sleep(0.02)

    async def write_when_told(self, ws: websockets.WebSocketClientProtocol):
        while True:
            if self.outgoing.empty():
                await self.event.wait()
                self.event.clear()
                continue
            await ws.send(self.outgoing.get_nowait())

    def work(self):
        while True:
            try:
                print(self.requests.get_nowait())
            except queue.Empty:
                time.sleep(0.1)

    async def run(self):
        async with websockets.connect(self.url) as ws:
            await self.write(ws)
