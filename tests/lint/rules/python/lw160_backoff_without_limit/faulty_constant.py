"""The same delay for everybody."""

import asyncio
import logging

import aiohttp

log = logging.getLogger(__name__)


async def listen(session, url, handle):
    async with session.ws_connect(url, heartbeat=20) as ws:
        async for message in ws:
            handle(message.data)


async def run(url, handle):
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                await listen(session, url, handle)
            except aiohttp.ClientError as error:
                log.warning("lost: %s", error)
            await asyncio.sleep(5)  # LW160
