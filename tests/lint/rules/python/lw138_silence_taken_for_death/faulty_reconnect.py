"""Connects anew."""

import asyncio

import aiohttp


class Stream:
    def __init__(self, session: aiohttp.ClientSession, url):
        self.session = session
        self.url = url

    async def open(self):
        self.ws = await self.session.ws_connect(self.url)

    async def run(self, handle):
        await self.open()
        while True:
            try:
                message = await self.ws.receive(timeout=30)
            except asyncio.TimeoutError:  # LW138
                await self.open()
                continue
            handle(message.data)
