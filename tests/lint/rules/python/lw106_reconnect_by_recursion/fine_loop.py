"""A loop; the methods return when they are done."""

import asyncio

import websockets


class Client:
    def __init__(self, url):
        self.url = url

    async def run(self):
        while True:
            await self.connect()
            await self.receive()
            await asyncio.sleep(1)

    async def connect(self):
        self.ws = await websockets.connect(self.url)

    async def receive(self):
        try:
            async for message in self.ws:
                print(message)
        except websockets.ConnectionClosed:
            print("closed")
