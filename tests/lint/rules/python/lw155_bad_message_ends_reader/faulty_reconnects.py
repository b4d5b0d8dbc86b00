"""Clients that come back after every end, but not after a bad message."""

import asyncio
import json
import logging

import websockets

log = logging.getLogger(__name__)


class Feed:
    def __init__(self, url, prices):
        self.url = url
        self.prices = prices

    async def run(self):
        async for ws in websockets.connect(self.url):
            try:
                async for message in ws:
                    event = json.loads(message)  # LW155
                    self.prices[event["symbol"]] = event["price"]
            except websockets.ConnectionClosed:
                continue

    async def run_by_hand(self):
        while True:
            try:
                async with websockets.connect(self.url) as ws:
                    await self.read(ws)
            except (OSError, websockets.WebSocketException) as error:
                log.warning("lost: %s", error)
            await asyncio.sleep(2)

    async def read(self, ws):
        while True:
            self.prices.update(json.loads(await ws.recv()))  # LW155
