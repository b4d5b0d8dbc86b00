"""A reader that waits for room."""

import asyncio

import websockets


class Feed:
    def __init__(self, url):
        self.url = url
        self.events = asyncio.Queue(maxsize=100)

    async def read(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                await self.events.put(message)
