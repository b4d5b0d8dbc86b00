"""Subscribed behind each connect, here or in what is called."""

import asyncio
import json

import websockets


async def follow(url, handle):
    while True:
        try:
            async with websockets.connect(url) as ws:
                await ws.send(json.dumps({"op": "subscribe"}))
                async for message in ws:
                    handle(message)
        except OSError:
            await asyncio.sleep(1)


class Feed:
    def __init__(self, url):
        self.url = url

    async def open(self):
        self.ws = await websockets.connect(self.url)
        await self.subscribe()

    async def subscribe(self):
        await self.ws.send(json.dumps({"op": "subscribe"}))

    async def run(self, handle):
        await self.open()
        while True:
            try:
                handle(await self.ws.recv())
            except websockets.ConnectionClosed:
                await asyncio.sleep(1)
                await self.open()
