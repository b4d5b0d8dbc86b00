"""connect and receive call each other."""

import asyncio

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.ws = None

    async def connect(self):
        self.ws = await websockets.connect(self.url)
        await self.receive()

    async def receive(self):
        try:
            async for message in self.ws:
                print(message)
        except websockets.ConnectionClosed:
            print("closed")
        await asyncio.sleep(1)
        await self.connect()  # LW106
