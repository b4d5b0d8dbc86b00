"""The tasks are ended by a helper that the reconnect loop calls."""

import asyncio
import logging

import aiohttp

log = logging.getLogger(__name__)


class Client:
    def __init__(self, session: aiohttp.ClientSession, url):
        self.session = session
        self.url = url
        self.pinger = None

    async def _ping(self, ws):
        while True:
            await ws.ping()
            await asyncio.sleep(10)

    async def _end(self):
        if self.pinger is not None:
            self.pinger.cancel()
            await self.pinger  # LW162
            self.pinger = None

    async def run(self):
        while True:
            try:
                async with self.session.ws_connect(self.url) as ws:
                    self.pinger = asyncio.create_task(self._ping(ws))
                    async for message in ws:
                        print(message.data)
                await self._end()
            except Exception:
                log.exception("lost")
            await asyncio.sleep(3)
