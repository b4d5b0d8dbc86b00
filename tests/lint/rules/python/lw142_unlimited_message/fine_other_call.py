"""The same words where no connection is made."""

import websockets

from application.cache import Cache
from application.plots import Plot


class Feed:
    def __init__(self, url, maximum):
        self.url = url
        self.cache = Cache(max_size=None)
        self.plot = Plot(max_size=None, max_msg_size=0)
        self.maximum = maximum

    async def run(self):
        async with websockets.connect(self.url, max_size=self.maximum) as ws:
            async for message in ws:
                self.cache.add(message)
