"""Receivers and senders have a lock each; and a lock that only guards a dictionary."""

import asyncio

import websockets


class Client:
    def __init__(self, ws: websockets.WebSocketClientProtocol):
        self.ws = ws
        self.receiving = asyncio.Lock()
        self.sending = asyncio.Lock()
        self.state = asyncio.Lock()
        self.last = {}

    async def receive(self):
        async with self.receiving:
            return await self.ws.recv()

    async def send(self, *texts):
        async with self.sending:
            for text in texts:
                await self.ws.send(text)

    async def run(self):
        async for message in self.ws:
            async with self.state:
                self.last[message[0]] = message
