"""The classic: everything is caught around the receive."""

import asyncio
import json
import logging

import websockets

log = logging.getLogger(__name__)


class Ticker:
    def __init__(self, url):
        self.url = url
        self.ws = None
        self.last = {}

    async def connect(self):
        self.ws = await websockets.connect(self.url, ping_interval=20)
        await self.ws.send(json.dumps({"op": "subscribe", "args": ["ticker"]}))

    async def run(self):
        await self.connect()
        while True:
            try:
                data = json.loads(await self.ws.recv())
                self.last[data["s"]] = data
            except Exception as error:  # LW101
                log.error("cannot handle message: %s", error)

    async def run_with_limit(self):
        await self.connect()
        while True:
            try:
                message = await asyncio.wait_for(self.ws.recv(), timeout=30)
            except asyncio.TimeoutError:
                await self.ws.ping()
                continue
            except:  # LW101
                continue
            self.last["raw"] = message
