"""A queue that is never full, and a put that no reader does."""

import asyncio

import websockets


class Feed:
    def __init__(self, url):
        self.url = url
        self.events = asyncio.Queue()
        self.orders = asyncio.Queue(maxsize=10)

    async def read(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                self.events.put_nowait(message)

    def order(self, what):
        self.orders.put_nowait(what)  # who orders too much hears of it

    async def write(self, ws):
        while True:
            await ws.send(await self.orders.get())
