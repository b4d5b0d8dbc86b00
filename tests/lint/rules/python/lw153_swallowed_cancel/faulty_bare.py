"""A reconnect loop that catches everything."""

import asyncio
import contextlib
import traceback

import aiohttp


async def run(url, handle):
    while True:
        try:
            async with aiohttp.ClientSession() as session:
                async with session.ws_connect(url, heartbeat=20) as ws:
                    async for message in ws:
                        await handle(message)
        except:  # LW153
            traceback.print_exc()
        await asyncio.sleep(5)


async def run_suppressed(url, handle, delay):
    while True:
        with contextlib.suppress(BaseException):  # LW153
            async with aiohttp.ClientSession() as session:
                ws = await session.ws_connect(url)
                await handle(ws)
        await asyncio.sleep(delay)
