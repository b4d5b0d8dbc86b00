"""Who calls it does so in a loop."""

import asyncio

import websockets


async def session(url, handle):
    async with websockets.connect(url) as ws:
        await ws.send("subscribe")
        async for message in ws:
            handle(message)


async def main(url, handle):
    while True:
        try:
            await session(url, handle)
        except (OSError, websockets.WebSocketException) as error:
            print(error)
        await asyncio.sleep(1)
