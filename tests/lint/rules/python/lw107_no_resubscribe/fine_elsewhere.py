"""A function of another module gets the connection."""

import asyncio
import json

import websockets

from .topics import subscribe_all


class Feed:
    async def ask(self, ws: websockets.ClientConnection):
        await ws.send(json.dumps({"op": "subscribe"}))

    async def run(self, url, handle):
        while True:
            try:
                async with websockets.connect(url) as ws:
                    await subscribe_all(ws)
                    async for message in ws:
                        handle(message)
            except (OSError, websockets.ConnectionClosed):
                await asyncio.sleep(1)
