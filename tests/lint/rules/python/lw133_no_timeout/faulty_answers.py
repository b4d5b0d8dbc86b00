"""A log-in and its answer: in methods of their own, and in a loop that reconnects."""

import asyncio
import json

import websockets


class Feed:
    def __init__(self, url, key):
        self.url = url
        self.key = key
        self.ws = None

    async def log_in(self):
        self.ws = await websockets.connect(self.url)
        welcome = json.loads(await self.ws.recv())  # LW133
        if welcome["op"] != "hello":
            raise ValueError("not the feed")
        await self.ws.send(json.dumps({"op": "auth", "key": self.key}))
        if json.loads(await self.ws.recv())["op"] != "ok":
            raise ValueError("refused")

    async def run(self, handle):
        await self.log_in()
        async for message in self.ws:
            handle(json.loads(message))


async def follow(url, handle):
    async for ws in websockets.connect(url):
        try:
            await ws.send("hello")
            if await ws.recv() == "busy":  # LW133
                continue
            while True:
                handle(await ws.recv())
        except websockets.ConnectionClosed:
            await asyncio.sleep(1)
