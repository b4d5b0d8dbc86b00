"""The try is inside the async with, in a method."""

import asyncio

import websockets


class Feed:
    def __init__(self, url):
        self.url = url
        self.running = True

    async def run(self):
        while self.running:
            async with websockets.connect(self.url) as ws:  # LW108
                try:
                    async for message in ws:
                        await self.handle(message)
                except websockets.ConnectionClosedError as error:
                    print("lost:", error)
            await asyncio.sleep(3)

    async def handle(self, message):
        print(message)


async def main(url):
    await Feed(url).run()
