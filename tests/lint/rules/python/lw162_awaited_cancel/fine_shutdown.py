"""At the end of everything, and where it is not the same task."""

import asyncio

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.reader = None
        self.writer = None

    async def read(self):
        while True:
            async with websockets.connect(self.url) as ws:
                async for message in ws:
                    print(message)
            await asyncio.sleep(1)

    async def stop(self):
        self.reader.cancel()
        await self.reader

    async def restart(self):
        while True:
            async with websockets.connect(self.url) as ws:
                timer = asyncio.get_running_loop().call_later(10, print, "late")
                await ws.recv()
                timer.cancel()
                await ws.wait_closed()
                self.reader.cancel()
                await self.writer

    async def renew(self):
        while True:
            ws = await websockets.connect(self.url)
            try:
                self.reader.cancel()
            except asyncio.CancelledError:
                await self.reader
            await ws.recv()
