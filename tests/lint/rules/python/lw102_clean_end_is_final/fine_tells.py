"""Who has started it is told."""

import asyncio

import websockets


class Feed:
    def __init__(self, url, on_end):
        self.url = url
        self.ended = asyncio.Event()
        self.on_end = on_end
        self.state = "new"

    async def run(self, handle):
        while True:
            try:
                async with websockets.connect(self.url) as ws:
                    while True:
                        handle(await ws.recv())
            except websockets.ConnectionClosedOK:
                self.state = "closed by the server"
                break
            except websockets.ConnectionClosedError:
                await asyncio.sleep(1)

    async def run_until(self, handle):
        while True:
            try:
                async with websockets.connect(self.url) as ws:
                    while True:
                        handle(await ws.recv())
            except websockets.ConnectionClosedOK:
                self.ended.set()
                return
            except websockets.ConnectionClosedError:
                await asyncio.sleep(1)
