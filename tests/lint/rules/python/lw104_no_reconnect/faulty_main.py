"""Subscribes once, for as long as it lasts."""

import asyncio
import json

import websockets


async def main():
    async with websockets.connect("wss://feed.example/ws") as ws:  # LW104
        await ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
        async for message in ws:
            print(json.loads(message))


asyncio.run(main())
