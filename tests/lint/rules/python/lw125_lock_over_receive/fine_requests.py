"""A request and its answer belong together, everywhere."""

import asyncio
import json

import websockets


class Client:
    def __init__(self, ws: websockets.WebSocketClientProtocol):
        self.ws = ws
        self.lock = asyncio.Lock()

    async def call(self, request):
        async with self.lock:
            await self.ws.send(json.dumps(request))
            return json.loads(await asyncio.wait_for(self.ws.recv(), 10))

    async def login(self, key):
        async with self.lock:
            await self.ws.send(key)
            return await self.ws.recv()
