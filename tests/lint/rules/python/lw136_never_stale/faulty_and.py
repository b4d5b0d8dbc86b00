"""In one condition."""

import asyncio
import time

import websockets


class Feed:
    def __init__(self, url):
        self.url = url
        self.last_message_at = None

    async def watch(self):
        while True:
            await asyncio.sleep(5)
            if self.last_message_at and time.monotonic() - self.last_message_at > 30:  # LW136
                await self.ws.close()

    async def run(self, handle):
        async for self.ws in websockets.connect(self.url):
            async for message in self.ws:
                self.last_message_at = time.monotonic()
                handle(message)
