"""A broad handler that breaks."""

import asyncio
import json

import websockets


class Gateway:
    def __init__(self, ws: websockets.ClientConnection):
        self.ws = ws
        self.number = None

    async def heartbeat(self):
        while True:
            try:
                await self.ws.send(json.dumps({"op": 1, "d": self.number}))
                await asyncio.sleep(41.25)
            except Exception:  # LW135
                break

    async def run(self):
        beats = asyncio.create_task(self.heartbeat())
        async for text in self.ws:
            self.number = json.loads(text)["s"]
        beats.cancel()
