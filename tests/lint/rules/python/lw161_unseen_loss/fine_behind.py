"""Nothing in the handler, and a line behind it."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


async def run(url, handle):
    while True:
        try:
            async with websockets.connect(url) as ws:
                async for message in ws:
                    handle(message)
        except (OSError, websockets.ConnectionClosed):
            pass
        log.warning("connecting anew in 2 s")
        await asyncio.sleep(2)
