"""Futures that no reader resolves, and answers that are no futures."""

import asyncio

import websockets


class Cache:
    """Has nothing to do with a connection."""

    def __init__(self):
        self.loading = {}

    async def get(self, key):
        if key in self.loading:
            return await self.loading[key]
        future = self.loading[key] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(1, future.set_result, key)
        return await future


class Feed:
    def __init__(self):
        self.last = {}
        self.tasks = {}

    async def handle(self, message):
        self.last[message] = message
        task = asyncio.create_task(self.store(message))
        self.tasks[message] = task
        await task

    async def store(self, message):
        print(message)

    async def run(self, url):
        async with websockets.connect(url) as ws:
            async for message in ws:
                await self.handle(message)
