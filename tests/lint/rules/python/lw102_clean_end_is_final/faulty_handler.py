"""An error leads to another connect; a goodbye of the server does not."""

import asyncio
import json
import logging

import websockets
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

log = logging.getLogger(__name__)


class Feed:
    def __init__(self, url, symbols):
        self.url = url
        self.symbols = symbols

    async def run(self):
        while True:
            try:
                async with websockets.connect(self.url) as ws:
                    await ws.send(json.dumps({"op": "subscribe", "args": self.symbols}))
                    while True:
                        self.handle(json.loads(await ws.recv()))
            except ConnectionClosedOK:  # LW102
                log.info("closed")
                break
            except (ConnectionClosedError, OSError) as error:
                log.warning("lost: %r", error)
                await asyncio.sleep(2)

    def handle(self, message):
        print(message)
