"""Errors lead straight back to the connect."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


class Feed:
    def __init__(self, url):
        self.url = url
        self.stopped = False

    async def run(self):
        while not self.stopped:
            try:
                async with websockets.connect(self.url) as ws:
                    async for message in ws:
                        await self.handle(message)
            except (OSError, websockets.WebSocketException) as error:  # LW105
                log.warning("disconnected: %r", error)
                continue
            await asyncio.sleep(1)

    async def handle(self, message):
        print(message)
