"""Nobody wants to connect again: the end leaves the loop, too."""

import asyncio

import websockets


async def poll(url, handle):
    while True:
        async with websockets.connect(url) as ws:
            handle(await ws.recv())
        await asyncio.sleep(60)


async def until_closed(url, handle):
    while True:
        ws = await websockets.connect(url)
        try:
            while True:
                handle(await ws.recv())
        except websockets.ConnectionClosedOK:
            return
        finally:
            await ws.close()
