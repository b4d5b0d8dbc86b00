"""The error is caught, but around the loop."""

import asyncio
import logging

import aiohttp
import orjson

log = logging.getLogger(__name__)


class Listener:
    def __init__(self, handle):
        self.handle = handle

    def start(self, url):
        asyncio.get_running_loop().create_task(self.listen(url))

    async def listen(self, url):
        async with aiohttp.ClientSession() as session:
            try:
                async with session.ws_connect(url, heartbeat=20) as ws:
                    async for message in ws:
                        if message.type == aiohttp.WSMsgType.TEXT:
                            self.handle(orjson.loads(message.data))  # LW155
            except Exception:
                log.exception("listening failed")
