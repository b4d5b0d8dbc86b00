"""A reader whose error nobody catches: the first burst ends it."""

import asyncio
import json

import websockets


class Feed:
    def __init__(self, url):
        self.url = url
        self.events = asyncio.Queue(maxsize=100)

    async def read(self):
        async with websockets.connect(self.url) as ws:
            await ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
            async for message in ws:
                self._dispatch(json.loads(message))

    def _dispatch(self, event):
        if "data" in event:
            self.events.put_nowait(event["data"])  # LW143

    def start(self):
        self.task = asyncio.create_task(self.read())
