"""A reader in a task that is kept, and that nobody awaits."""

import asyncio
import json

import websockets


class Client:
    def __init__(self, url, handle):
        self.url = url
        self.handle = handle
        self.task = None

    async def start(self):
        self.ws = await websockets.connect(self.url)
        self.task = asyncio.create_task(self._read())

    async def _read(self):
        async for message in self.ws:
            event = json.loads(message)  # LW155
            await self.handle(event["data"])

    async def stop(self):
        self.task.cancel()
        try:
            await self.task
        except asyncio.CancelledError:
            pass
        await self.ws.close()
