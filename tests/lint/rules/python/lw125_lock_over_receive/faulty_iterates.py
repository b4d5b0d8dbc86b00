"""The lock is held as long as the connection is read, and the heartbeat wants it."""

import asyncio

import aiohttp


class Device:
    def __init__(self, session: aiohttp.ClientSession):
        self._session = session
        self._ws = None
        self._ws_lock = asyncio.Lock()

    async def listen(self, url):
        self._ws = await self._session.ws_connect(url)
        async with self._ws_lock:  # LW125
            async for message in self._ws:
                self.handle(message.data)

    def handle(self, data):
        print(data)

    async def heartbeat(self):
        while True:
            await asyncio.sleep(20)
            async with self._ws_lock:
                await self._ws.ping()

    async def send(self, text):
        async with self._ws_lock:
            await self._ws.send_str(text)
