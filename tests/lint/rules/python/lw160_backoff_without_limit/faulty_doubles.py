"""A delay that doubles, for ever."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


class Feed:
    def __init__(self, url, handle):
        self.url = url
        self.handle = handle
        self.delay = 1

    async def run(self):
        while True:
            try:
                async with websockets.connect(self.url) as ws:
                    self.delay = 1
                    async for message in ws:
                        self.handle(message)
            except (OSError, websockets.WebSocketException) as error:
                log.warning("lost: %s", error)
                await asyncio.sleep(self.delay)  # LW160
                self.delay *= 2
