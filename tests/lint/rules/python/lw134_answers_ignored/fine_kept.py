"""The time of the last answer is kept."""

import asyncio
import json
import time

import websockets


class Feed:
    def __init__(self):
        self.last_pong = time.monotonic()

    async def beat(self, ws):
        while True:
            await ws.send(json.dumps({"op": "ping"}))
            await asyncio.sleep(20)
            if time.monotonic() - self.last_pong > 40:
                await ws.close()

    async def run(self, url, handle):
        async with websockets.connect(url, ping_interval=None) as ws:
            self.task = asyncio.create_task(self.beat(ws))
            async for text in ws:
                message = json.loads(text)
                if message.get("op") == "pong":
                    self.last_pong = time.monotonic()
                    continue
                if message.get("op") == "heartbeat":
                    continue
                handle(message)
