"""What is parsed is no message, or is parsed where no message comes by."""

import asyncio
import json
from pathlib import Path

import websockets


class Client:
    async def start(self, url, settings):
        self.settings = json.loads(Path(settings).read_text())
        self.ws = await websockets.connect(url)
        greeting = json.loads(await self.ws.recv())
        self.session = greeting["session"]
        self.task = asyncio.create_task(self._read())

    async def _read(self):
        async for message in self.ws:
            print(message)

    def state(self, path):
        return json.loads(Path(path).read_text())
