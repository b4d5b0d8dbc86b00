"""Handlers that name the cancellation, and go on."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


class Reader:
    def __init__(self, ws: websockets.WebSocketClientProtocol):
        self.ws = ws

    async def run(self, handle):
        while True:
            try:
                message = await asyncio.wait_for(self.ws.recv(), 10)
            except (asyncio.TimeoutError, asyncio.CancelledError):  # LW153
                await self.ws.ping()
                continue
            handle(message)

    async def beat(self):
        while True:
            try:
                await asyncio.sleep(20)
                await self.ws.ping()
            except asyncio.CancelledError:  # LW153
                log.info("cancelled")
            except websockets.ConnectionClosed:
                break
