"""The cancellation of the other task is caught, or gathered."""

import asyncio
import contextlib

import websockets


async def beat(ws):
    while True:
        await asyncio.sleep(20)
        await ws.ping()


async def run(url, handle):
    while True:
        ws = await websockets.connect(url)
        first = asyncio.create_task(beat(ws))
        second = asyncio.create_task(beat(ws))
        third = asyncio.create_task(beat(ws))
        try:
            async for message in ws:
                handle(message)
        finally:
            first.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await first
            second.cancel()
            try:
                await second
            except asyncio.CancelledError:
                pass
            third.cancel()
            await asyncio.gather(third, return_exceptions=True)
        await asyncio.sleep(5)
