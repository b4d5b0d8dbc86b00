"""Queues without a size that somebody looks at: by their length, or by emptying them."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


class Recorder:
    def __init__(self, url, database):
        self.url = url
        self.database = database
        self.queue = asyncio.Queue()

    async def read(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                if self.queue.qsize() > 10_000:
                    log.error("the database does not keep up")
                    return
                self.queue.put_nowait(message)

    async def write(self):
        while True:
            await self.database.insert(await self.queue.get())


class Speaker:
    def __init__(self, url, sound):
        self.url = url
        self.sound = sound
        self.pieces = asyncio.Queue()

    async def read(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                if message == "interrupted":
                    while not self.pieces.empty():
                        self.pieces.get_nowait()
                else:
                    self.pieces.put_nowait(message)

    async def play(self):
        while True:
            await self.sound.write(await self.pieces.get())
