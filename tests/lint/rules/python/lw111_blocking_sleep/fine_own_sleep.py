"""A sleep of another module, and one on an object."""

import aiohttp
from gevent_like import time


class Clock:
    def sleep(self, seconds):
        return seconds


async def reader(url, clock: Clock):
    async with aiohttp.ClientSession() as session:
        ws = await session.ws_connect(url, heartbeat=10)
        async for message in ws:
            clock.sleep(1)
            time.sleep(2)
            print(message.data)
