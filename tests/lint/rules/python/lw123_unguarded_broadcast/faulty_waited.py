"""Broadcasts by a gather, in a function that nobody guards."""

import asyncio
import json

import websockets


class Room:
    def __init__(self):
        self.clients: set[websockets.ServerConnection] = set()

    async def tell(self, text):
        await asyncio.gather(*[one.send(text) for one in self.clients])  # LW123

    async def serve_one(self, ws: websockets.ServerConnection):
        self.clients.add(ws)
        async for message in ws:
            await self.tell(json.dumps({"said": message}))
        self.clients.discard(ws)
