"""A writer and a worker whose handlers are nested and have names of their own."""

import asyncio
from asyncio import CancelledError

from fastapi import WebSocket


class Session:
    def __init__(self, websocket: WebSocket):
        self.websocket = websocket
        self.outgoing: asyncio.Queue[str] = asyncio.Queue(100)

    async def write(self):
        while True:
            try:
                try:
                    text = await self.outgoing.get()
                except ValueError as error:
                    text = str(error)
                await self.websocket.send_text(text)
            except CancelledError:  # LW153
                pass
            except RuntimeError:
                return

    async def work(self, jobs: asyncio.Queue):
        while self.websocket:
            try:
                job = await jobs.get()
                await job()
            except BaseException as error:  # LW153
                await self.outgoing.put(str(error))
