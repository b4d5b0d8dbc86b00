"""The limit of the library itself is switched off."""

import asyncio
import logging

from websockets.asyncio.client import connect

log = logging.getLogger(__name__)


async def follow(url, handle):
    while True:
        try:
            async with connect(
                url,
                max_queue=None,  # LW141
                ping_interval=20,
            ) as ws:
                async for message in ws:
                    await handle(message)
        except OSError as error:
            log.warning("lost: %s", error)
            await asyncio.sleep(2)
