"""A feed that loses its connection every few minutes, and nobody knows."""

import asyncio
import json

import websockets


class Feed:
    def __init__(self, url, handle):
        self.url = url
        self.handle = handle
        self.delay = 2.0

    async def run(self):
        while True:
            try:
                async with websockets.connect(self.url) as ws:
                    await ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
                    async for message in ws:
                        await self.handle(message)
            except Exception:  # LW161
                pass
            await asyncio.sleep(self.delay)
