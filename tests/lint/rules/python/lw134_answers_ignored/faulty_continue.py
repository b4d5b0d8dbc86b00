"""The exchange's pong is passed over."""

import asyncio
import json

import websockets


class Feed:
    async def beat(self, ws):
        while True:
            await ws.send(json.dumps({"op": "ping"}))
            await asyncio.sleep(20)

    async def run(self, url, handle):
        async with websockets.connect(url, ping_interval=None) as ws:
            self.task = asyncio.create_task(self.beat(ws))
            async for text in ws:
                message = json.loads(text)
                if message.get("op") == "pong":  # LW134
                    continue
                handle(message)
