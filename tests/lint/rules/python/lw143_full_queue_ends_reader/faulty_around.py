"""The handler around the loop takes it for an end of the connection."""

import asyncio
import logging

import aiohttp

log = logging.getLogger(__name__)


async def follow(url, size=50):
    inbox = asyncio.Queue(maxsize=size)
    asyncio.get_running_loop().call_later(3600, inbox.put_nowait, None)
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.ws_connect(url, heartbeat=20) as ws:
                    async for message in ws:
                        inbox.put_nowait(message.data)  # LW143
            except Exception as error:
                log.warning("lost: %r", error)
            await asyncio.sleep(5)
