"""Every end leads to another connect."""

import asyncio

import websockets


async def follow(url, handle):
    while True:
        try:
            async with websockets.connect(url) as ws:
                async for message in ws:
                    handle(message)
        except websockets.ConnectionClosedOK:
            print("goodbye")
        except (OSError, websockets.ConnectionClosedError) as error:
            print("lost", error)
        await asyncio.sleep(1)
