"""The library's pings are off, and the program's own notice a missing pong, but keep it quiet."""

import asyncio

import websockets


class Bars:
    def __init__(self, url):
        self.url = url
        self.stopped = False

    async def beat(self, ws: websockets.ClientConnection):
        while not self.stopped:
            try:
                pong = await ws.ping()
                await asyncio.wait_for(pong, timeout=15)
            except Exception:  # LW135
                return
            await asyncio.sleep(15)

    async def run(self):
        async with websockets.connect(self.url, ping_interval=None) as ws:
            beats = asyncio.create_task(self.beat(ws))
            try:
                async for message in ws:
                    print(message)
            finally:
                beats.cancel()
