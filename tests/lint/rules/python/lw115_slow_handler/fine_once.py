"""Short work, and names that only look like those of models."""

import json
import re
import zlib

import websockets

NAME = re.compile(r"\w+")


class Feed:
    def __init__(self, url, model):
        self.url = url
        self.model = model
        self.last = {}

    def handle(self, raw):
        message = json.loads(zlib.decompress(raw))
        found = NAME.search(message["text"])
        if found is not None:
            self.last[found.group()] = message

    async def predict(self, text):
        return self.last.get(text)

    async def run(self):
        name = self.url.rpartition("/")[2]
        async with websockets.connect(self.url) as ws:
            await ws.send(name)
            async for message in ws:
                self.handle(message)
                await ws.send(str(await self.predict(name)))
                await self.model.predict(message)
