"""Reader and writer in one gather; the writer waits for its queue."""

import asyncio
import logging

import websockets
from websockets.asyncio.client import ClientConnection

log = logging.getLogger(__name__)


async def read(link: ClientConnection, handle):
    async for message in link:
        handle(message)


async def write(link: ClientConnection, requests: asyncio.Queue):
    while True:
        await link.send(await requests.get())


async def main(url, handle, requests):
    while True:
        try:
            async with websockets.connect(url) as link:
                await asyncio.gather(read(link, handle), write(link, requests))  # LW122
        except (OSError, websockets.ConnectionClosed):
            log.exception("connecting anew")
        await asyncio.sleep(5)


async def both_to_the_end(url, handle, requests):
    async with websockets.connect(url) as link:
        tasks = [
            asyncio.create_task(read(link, handle)),
            asyncio.create_task(write(link, requests)),
        ]
        await asyncio.wait(tasks)  # LW122
