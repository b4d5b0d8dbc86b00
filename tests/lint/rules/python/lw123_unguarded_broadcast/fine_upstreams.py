"""A client of several servers: where one cannot be subscribed to, it is to be known."""

import asyncio
import json

import websockets


class Feeds:
    def __init__(self, urls):
        self.urls = urls
        self.connections = []

    async def open(self):
        for url in self.urls:
            self.connections.append(await websockets.connect(url))

    async def subscribe(self, channel):
        for connection in self.connections:
            await connection.send(json.dumps({"op": "subscribe", "channel": channel}))

    async def subscribe_at_once(self, channel):
        await asyncio.gather(*(one.send(channel) for one in self.connections))
