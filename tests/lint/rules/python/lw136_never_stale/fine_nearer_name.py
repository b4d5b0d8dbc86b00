"""The time is set before it connects; the watchdog looks at it under a name of its own."""

import asyncio
import time

import websockets


class Bars:
    def __init__(self, url):
        self.url = url
        self.last_close = 0.0
        self.stale = asyncio.Event()

    async def run(self):
        self.last_close = time.monotonic()
        watch = asyncio.create_task(self.watch())
        try:
            async with websockets.connect(self.url) as ws:
                async for message in ws:
                    print(message)
                    self.last_close = time.monotonic()
        finally:
            watch.cancel()

    async def watch(self):
        while True:
            await asyncio.sleep(60)
            last = self.last_close
            if last and time.monotonic() - last > 120:
                self.stale.set()
