"""The loop over the connection ends in good order: so does the reader."""

import asyncio

import websockets


async def follow(url, handle):
    while True:
        try:
            async with websockets.connect(url) as ws:
                async for message in ws:
                    handle(message)
                break  # LW102
        except (OSError, websockets.WebSocketException) as error:
            print("again in a second:", error)
            await asyncio.sleep(1)


async def follow_and_return(url, handle):
    attempts = 0
    while True:
        try:
            ws = await websockets.connect(url)
            async for message in ws:
                handle(message)
            return  # LW102
        except Exception:
            attempts += 1
            await asyncio.sleep(min(attempts, 30))
