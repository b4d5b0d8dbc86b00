"""One bad message is one message."""

import asyncio
import json
import logging

import websockets

log = logging.getLogger(__name__)


class Client:
    async def start(self, url):
        self.ws = await websockets.connect(url)
        self.task = asyncio.create_task(self._read())

    async def _read(self):
        async for message in self.ws:
            try:
                event = json.loads(message)
            except json.JSONDecodeError:
                log.warning("no JSON: %.80r", message)
                continue
            print(event)


class Other:
    async def start(self, url):
        self.ws = await websockets.connect(url)
        self.task = asyncio.create_task(self._read())

    async def _read(self):
        async for message in self.ws:
            self._apply(message)

    def _apply(self, message):
        try:
            print(json.loads(message))
        except (ValueError, KeyError):
            log.exception("bad message")
