"""A line on the level debug, in the handler of the library's own error."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


async def session(url, handle):
    async with websockets.connect(url) as ws:
        while True:
            await handle(await ws.recv())


async def run(url, handle):
    while True:
        try:
            await session(url, handle)
        except (OSError, websockets.ConnectionClosed) as end:  # LW161
            log.debug("closed: %s", end)
            await asyncio.sleep(1)
