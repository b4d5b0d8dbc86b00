"""What is dropped is counted, or at least written down."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


class Book:
    def __init__(self, url):
        self.url = url
        self.updates = asyncio.Queue(maxsize=1_000)
        self.dropped = 0

    async def read(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                try:
                    self.updates.put_nowait(message)
                except asyncio.QueueFull:
                    self.dropped += 1

    async def read_other(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                try:
                    self.updates.put_nowait(message)
                except asyncio.QueueFull:
                    log.warning("no room for %.80r", message)
