"""Whoever waits has a limit."""

import asyncio
import json

import aiohttp


class Client:
    def __init__(self, ws: aiohttp.ClientWebSocketResponse):
        self.ws = ws
        self.pending = {}

    async def call(self, number, request):
        future = asyncio.get_running_loop().create_future()
        self.pending[number] = future
        await self.ws.send_json(request)
        try:
            return await asyncio.wait_for(future, 10)
        finally:
            del self.pending[number]

    async def call_in_time(self, number, request):
        future = asyncio.get_running_loop().create_future()
        self.pending[number] = future
        async with asyncio.timeout(10):
            await self.ws.send_json(request)
            return await future

    async def read(self):
        async for message in self.ws:
            answer = json.loads(message.data)
            if answer["id"] in self.pending:
                self.pending[answer["id"]].set_result(answer)
