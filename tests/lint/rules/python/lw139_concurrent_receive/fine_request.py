"""Requests before the reader begins, and of an object without one."""

import asyncio
import json

from websockets.asyncio.client import connect


class Device:
    def __init__(self, url):
        self.url = url
        self.ws = None
        self.reader = None
        self.answers = asyncio.Queue()

    async def connect(self):
        self.ws = await connect(self.url)
        await self.ws.send("login")
        print(await self.ws.recv())
        self.reader = asyncio.create_task(self._read())

    async def _read(self):
        async for message in self.ws:
            await self.answers.put(message)

    async def status(self):
        await self.ws.send(json.dumps({"ask": "status"}))
        return json.loads(await self.answers.get())


class Caller:
    def __init__(self, ws):
        self.ws = ws

    async def status(self):
        await self.ws.send(json.dumps({"ask": "status"}))
        return json.loads(await self.ws.recv())
