"""The cancelled coroutine catches its cancellation, and just returns."""

import asyncio

import websockets


async def beat(ws):
    try:
        while True:
            await asyncio.sleep(20)
            await ws.ping()
    except asyncio.CancelledError:
        print("no more heartbeats")


async def run(url):
    while True:
        async with websockets.connect(url) as ws:
            task = asyncio.create_task(beat(ws))
            try:
                async for message in ws:
                    print(message)
            finally:
                task.cancel()
                await task
        await asyncio.sleep(5)
