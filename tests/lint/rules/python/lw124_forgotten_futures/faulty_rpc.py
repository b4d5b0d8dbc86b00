"""A remote procedure client: answers come by futures, and a reader gives them."""

import asyncio
import itertools
import json

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.ids = itertools.count()
        self.pending = {}

    async def start(self):
        self.ws = await websockets.connect(self.url)
        self.reader = asyncio.create_task(self.read())

    async def call(self, method, *params):
        number = next(self.ids)
        future = asyncio.get_running_loop().create_future()
        self.pending[number] = future
        await self.ws.send(json.dumps({"id": number, "method": method, "params": params}))
        return await future  # LW124

    async def read(self):
        async for message in self.ws:
            answer = json.loads(message)
            future = self.pending.pop(answer["id"])
            if "error" in answer:
                future.set_exception(RuntimeError(answer["error"]))
            else:
                future.set_result(answer["result"])
