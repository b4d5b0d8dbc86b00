"""Answers with a limit: around them, around the whole log-in, or of all receives."""

import asyncio
import json

import websockets


class Feed:
    def __init__(self, url, key):
        self.url = url
        self.key = key
        self.ws = None

    async def open(self):
        self.ws = await websockets.connect(self.url)
        await self.ws.send(json.dumps({"op": "auth", "key": self.key}))
        return json.loads(await asyncio.wait_for(self.ws.recv(), 10))

    async def subscribe(self, topics):
        await self.ws.send(json.dumps({"op": "subscribe", "topics": topics}))
        return json.loads(await self.ws.recv())

    async def run(self, topics, handle):
        await self.open()
        async with asyncio.timeout(10):
            await self.subscribe(topics)
        async for message in self.ws:
            handle(json.loads(message))


async def ask_once(url, question):
    async with websockets.connect(url) as ws:
        await ws.send(question)
        return await ws.recv()


async def poll(url, handle):
    while True:
        async with websockets.connect(url) as ws:
            await ws.send("state")
            handle(await ws.recv())
        await asyncio.sleep(60)


async def serve_one(ws: websockets.ServerConnection):
    name = await ws.recv()
    async for message in ws:
        await ws.send(f"{name}: {message}")


async def main():
    async with websockets.serve(serve_one, "", 8765) as server:
        await server.serve_forever()
