"""It pauses as a coroutine should; a variable is called time."""

import asyncio

import websockets


async def reader(url, queue):
    time = 0.5
    while True:
        try:
            async with websockets.connect(url) as ws:
                async for message in ws:
                    await queue.put(message)
        except websockets.ConnectionClosedError:
            pass
        await asyncio.sleep(time)
