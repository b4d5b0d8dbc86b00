"""A feed that drops what it has no room for, and says nothing."""

import asyncio
import json

import websockets


class Book:
    def __init__(self, url):
        self.url = url
        self.updates = asyncio.Queue(maxsize=1_000)

    async def read(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                event = json.loads(message)
                try:
                    self.updates.put_nowait(event)
                except asyncio.QueueFull:  # LW144
                    pass

    async def read_otherwise(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                try:
                    self.updates.put_nowait(message)
                except Exception:  # LW144
                    continue
