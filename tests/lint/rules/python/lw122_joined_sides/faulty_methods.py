"""The two sides are methods, and errors are hidden."""

import asyncio

import aiohttp


class Feed:
    def __init__(self, url):
        self.url = url
        self.ws = None
        self.outgoing = asyncio.Queue()
        self.changed = asyncio.Event()

    async def _read(self):
        while True:
            message = await self.ws.receive()
            if message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                break
            print(message.data)

    async def _write(self):
        while True:
            await self.changed.wait()
            self.changed.clear()
            while not self.outgoing.empty():
                await self.ws.send_str(self.outgoing.get_nowait())

    async def run(self):
        async with aiohttp.ClientSession() as session:
            self.ws = await session.ws_connect(self.url, heartbeat=15)
            await asyncio.gather(  # LW122
                self._read(), self._write(), return_exceptions=True
            )
