"""The time is set when it connects, or there is no condition."""

import asyncio
import time

import websockets


class Feed:
    def __init__(self, url):
        self.url = url
        self.last_message = None

    async def watch(self):
        while True:
            await asyncio.sleep(5)
            if self.last_message and time.monotonic() - self.last_message > 30:
                await self.ws.close()

    async def run(self, handle):
        async for self.ws in websockets.connect(self.url):
            self.last_message = time.monotonic()
            async for message in self.ws:
                self.last_message = time.monotonic()
                handle(message)


class Other:
    def __init__(self):
        self.last_message = time.monotonic()

    async def watch(self, ws: websockets.ClientConnection):
        if self.last_message and time.monotonic() - self.last_message > 30:
            await ws.close()

    async def always(self, ws: websockets.ClientConnection):
        if time.monotonic() - self.last_message > 30:
            await ws.close()
