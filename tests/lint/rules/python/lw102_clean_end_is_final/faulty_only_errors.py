"""Every end is met by a reconnect but the one in good order: that error leaves the loop."""

import asyncio
import logging

from websockets import client
from websockets.exceptions import ConnectionClosedError

log = logging.getLogger(__name__)


class Prices:
    def __init__(self, host, port):
        self.address = f"ws://{host}:{port}"
        self.running = False
        self.socket = None

    async def listen(self):
        while self.running:
            self.process(await self.socket.recv())

    def process(self, message):
        print(message)

    async def run_for_ever(self):
        self.running = True
        while self.running:
            try:
                await self.run_once()
            except (OSError, ConnectionClosedError) as error:  # LW102
                log.error("lost: %r", error)
                await asyncio.sleep(5)

    async def run_once(self):
        async with client.connect(self.address) as self.socket:
            await self.socket.send("subscribe")
            await self.listen()
