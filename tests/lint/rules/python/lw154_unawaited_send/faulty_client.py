"""A client that forgets to await: a subscription, a close, a ping."""

import asyncio
import json

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.ws = None
        self.outgoing = asyncio.Queue(10)

    async def open(self):
        self.ws = await websockets.connect(self.url)
        self.ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))  # LW154
        self.login("key")  # LW154

    async def login(self, key):
        await self.ws.send(json.dumps({"op": "login", "key": key}))

    async def run(self):
        await self.open()
        async for message in self.ws:
            self.outgoing.put(message)  # LW154
            asyncio.sleep(0.1)  # LW154

    def close(self):
        self.ws.close()  # LW154

    async def beat(self):
        while True:
            await asyncio.sleep(20)
            self.ws.ping()  # LW154
