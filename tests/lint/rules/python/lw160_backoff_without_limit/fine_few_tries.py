"""The number of tries is limited, and so is the delay."""

import asyncio

import websockets


class Feed:
    def __init__(self, url, handle):
        self.url = url
        self.handle = handle
        self.tries = 0

    async def run(self):
        while self.tries < 6:
            try:
                async with websockets.connect(self.url) as ws:
                    self.tries = 0
                    async for message in ws:
                        self.handle(message)
            except OSError:
                self.tries += 1
                await asyncio.sleep(2**self.tries)

    async def run_otherwise(self, most):
        tries = 0
        while True:
            try:
                async with websockets.connect(self.url) as ws:
                    async for message in ws:
                        self.handle(message)
            except OSError:
                tries += 1
                if tries >= most:
                    raise
                wait = 2**tries
                await asyncio.sleep(wait)
