"""Two methods receive from the same connection, in two tasks."""

import asyncio
import json

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.ws = None

    async def prices(self):
        while True:
            price = json.loads(await self.ws.recv())
            print("price", price)

    async def heartbeat(self):
        while True:
            await self.ws.send("ping")
            answer = await asyncio.wait_for(self._answer(), 5)
            print("pong", answer)
            await asyncio.sleep(20)

    async def _answer(self):
        return await self.ws.recv()

    async def run(self):
        self.ws = await websockets.connect(self.url)
        reader = asyncio.create_task(self.prices())
        beat = asyncio.create_task(self.heartbeat())  # LW139
        await asyncio.wait({reader, beat}, return_when=asyncio.FIRST_COMPLETED)
        reader.cancel()
        beat.cancel()
