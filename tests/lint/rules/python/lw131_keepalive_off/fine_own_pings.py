"""It pings in the way that the server wants it, in a task of its own."""

import asyncio
import json

import websockets


class Exchange:
    def __init__(self, url):
        self.url = url

    async def keep_alive(self, ws):
        while True:
            await asyncio.sleep(20)
            await ws.send(json.dumps({"op": "ping"}))

    async def run(self):
        async with websockets.connect(self.url, ping_interval=None) as ws:
            task = asyncio.create_task(self.keep_alive(ws))
            try:
                async for message in ws:
                    print(message)
            finally:
                task.cancel()
