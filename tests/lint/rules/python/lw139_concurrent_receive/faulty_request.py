"""A request that receives its answer itself, beside the task that reads."""

import asyncio
import json

from websockets.asyncio.client import connect


class Device:
    def __init__(self, url):
        self.url = url
        self.ws = None
        self.reader = None

    async def connect(self):
        self.ws = await connect(self.url)
        await self._login()
        self.reader = asyncio.create_task(self._read())

    async def _login(self):
        await self.ws.send("login")
        return await self.ws.recv()

    async def _read(self):
        async for message in self.ws:
            print("event", message)

    async def status(self):
        await self.ws.send(json.dumps({"ask": "status"}))
        return json.loads(await self.ws.recv())  # LW139
