"""The oldest goes, and the newest comes."""

import asyncio
import json

import websockets


class Prices:
    def __init__(self, url):
        self.url = url
        self.latest = asyncio.Queue(maxsize=16)

    async def read(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                try:
                    self.latest.put_nowait(message)
                except asyncio.QueueFull:
                    self.latest.get_nowait()
                    self.latest.put_nowait(message)

    async def read_json(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                try:
                    event = json.loads(message)
                    await self.latest.put(event)
                except Exception:
                    continue
