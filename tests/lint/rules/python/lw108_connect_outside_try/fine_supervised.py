"""Who calls it tries again; or an outer try does."""

import asyncio

import websockets


class Session:
    async def run(self, url, handle):
        while True:
            ws = await websockets.connect(url)
            try:
                while True:
                    handle(await ws.recv())
            except websockets.ConnectionClosed:
                await asyncio.sleep(1)

    async def supervise(self, url, handle):
        while True:
            try:
                await self.run(url, handle)
            except Exception as error:
                print("again:", error)
                await asyncio.sleep(5)


async def outer(url, handle):
    for _ in range(5):
        try:
            while True:
                ws = await websockets.connect(url)
                try:
                    handle(await ws.recv())
                except websockets.ConnectionClosed:
                    await asyncio.sleep(1)
        except OSError:
            await asyncio.sleep(10)
