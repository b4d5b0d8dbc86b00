"""A warning, a counter, a callback: somebody can see it."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


class Feed:
    def __init__(self, url, handle, lost):
        self.url = url
        self.handle = handle
        self.lost = lost
        self.reconnects = 0

    async def session(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                await self.handle(message)

    async def warns(self):
        while True:
            try:
                await self.session()
            except websockets.ConnectionClosed as end:
                log.warning("closed: %s", end)
            await asyncio.sleep(1)

    async def counts(self):
        while True:
            try:
                await self.session()
            except OSError:
                self.reconnects += 1
            await asyncio.sleep(1)

    async def calls(self):
        while True:
            try:
                await self.session()
            except Exception as error:
                self.lost(error)
            await asyncio.sleep(1)
