"""Pauses between messages, and a delay that is somebody else's."""

import asyncio

import websockets

from application.backoff import next_delay


async def run(url, handle):
    while True:
        try:
            async with websockets.connect(url) as ws:
                while True:
                    await ws.send("status")
                    handle(await ws.recv())
                    await asyncio.sleep(5)
        except OSError:
            await asyncio.sleep(next_delay())
