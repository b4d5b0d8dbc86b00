"""It begins with 0, which is asked for."""

import asyncio
import time

import aiohttp


class Stream:
    def __init__(self):
        self._last_update = 0

    async def check(self, ws: aiohttp.ClientWebSocketResponse):
        while True:
            await asyncio.sleep(1)
            now = time.time()
            if self._last_update > 0 and now - self._last_update > 15:  # LW136
                await ws.close()

    async def read(self, ws: aiohttp.ClientWebSocketResponse):
        async for message in ws:
            self._last_update = time.time()
            print(message.data)
