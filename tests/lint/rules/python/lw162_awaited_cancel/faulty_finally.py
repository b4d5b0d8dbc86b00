"""A reconnect loop that ends its heartbeat, and itself with it."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


async def beat(ws):
    while True:
        await asyncio.sleep(20)
        await ws.ping()


async def run(url, handle):
    while True:
        ws = await websockets.connect(url)
        task = asyncio.create_task(beat(ws))
        try:
            async for message in ws:
                handle(message)
        except Exception:
            log.exception("lost")
        finally:
            task.cancel()
            await task  # LW162
        await asyncio.sleep(5)


async def messages(url):
    async for ws in websockets.connect(url):
        task = asyncio.create_task(beat(ws))
        try:
            async for message in ws:
                yield message
        except websockets.ConnectionClosed:
            log.info("lost")
        task.cancel()
        await task  # LW162
