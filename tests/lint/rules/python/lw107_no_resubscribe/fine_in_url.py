"""The topic is in the URL: there is nothing to send."""

import asyncio

import websockets


async def follow(symbol, handle):
    url = f"wss://stream.example/ws/{symbol}@trade"
    while True:
        try:
            async with websockets.connect(url) as ws:
                async for message in ws:
                    handle(message)
        except (OSError, websockets.ConnectionClosed):
            await asyncio.sleep(1)
