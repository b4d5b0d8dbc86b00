"""A loop over connections reconnects by itself, until the server says goodbye."""

import asyncio
import logging

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

log = logging.getLogger("ticks")


class Ticks:
    def __init__(self, url, limit):
        self.url = url
        self.limit = limit
        self.websocket = None

    async def run(self, process):
        failures = 0
        async for socket in connect(self.url):
            self.websocket = socket
            try:
                await socket.send("hello")
                while True:
                    try:
                        message = await asyncio.wait_for(socket.recv(), timeout=1)
                    except asyncio.TimeoutError:
                        continue
                    await process(message)
            except ConnectionClosedOK as end:  # LW102
                log.debug("closed: %s", end)
                return
            except ConnectionClosedError as end:
                log.debug("lost: %s", end)
                failures += 1
                if failures > self.limit:
                    break
                continue
