"""A lock around connecting; the reader is a task of its own, and does not hold it."""

import asyncio

import aiohttp


class Stream:
    def __init__(self, session: aiohttp.ClientSession, url):
        self.session = session
        self.url = url
        self.lock = asyncio.Lock()
        self.ws = None
        self.reader = None

    async def ensure(self):
        async with self.lock:
            if self.ws is None:
                self.ws = await self.session.ws_connect(self.url, heartbeat=20)
                self.reader = asyncio.create_task(self.read(self.ws))

    async def read(self, ws):
        async for message in ws:
            print(message.data)

    async def send(self, text):
        await self.ensure()
        async with self.lock:
            await self.ws.send_str(text)
