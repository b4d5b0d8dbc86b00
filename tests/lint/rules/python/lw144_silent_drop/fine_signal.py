"""A queue of one place is a signal, and None is the end: nothing is lost."""

import asyncio

import websockets


class Watcher:
    def __init__(self, url):
        self.url = url
        self.changed = asyncio.Queue(maxsize=1)
        self.events = asyncio.Queue(maxsize=100)

    async def read(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                await self.events.put(message)
                try:
                    self.changed.put_nowait(message)
                except asyncio.QueueFull:
                    pass
        try:
            self.events.put_nowait(None)
        except asyncio.QueueFull:
            pass
