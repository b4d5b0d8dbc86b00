"""Readers that drop something and go on, each in its own way."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


class Feed:
    def __init__(self, url):
        self.url = url
        self.events = asyncio.Queue(maxsize=100)
        self.latest = asyncio.Queue(maxsize=100)
        self.dropped = 0

    async def read(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                try:
                    self.events.put_nowait(message)
                except asyncio.QueueFull:
                    self.dropped += 1
                    log.warning("%d dropped", self.dropped)

    async def read_latest(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                self._keep(message)

    def _keep(self, message):
        if self.latest.full():
            self.latest.get_nowait()
        self.latest.put_nowait(message)
