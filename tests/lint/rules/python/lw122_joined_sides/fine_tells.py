"""The reader tells the writer its end, and a writer by the clock notices by itself."""

import asyncio

import websockets


class Feed:
    def __init__(self, url):
        self.url = url
        self.ws = None
        self.outgoing = asyncio.Queue()

    async def read(self):
        try:
            async for message in self.ws:
                print(message)
        finally:
            await self.outgoing.put(None)

    async def write(self):
        while True:
            text = await self.outgoing.get()
            if text is None:
                break
            await self.ws.send(text)

    async def beat(self):
        while True:
            await asyncio.sleep(10)
            await self.ws.send("ping")

    async def listen(self):
        async for message in self.ws:
            print(message)

    async def run(self):
        self.ws = await websockets.connect(self.url)
        await asyncio.gather(self.read(), self.write())

    async def run_by_the_clock(self):
        self.ws = await websockets.connect(self.url)
        await asyncio.gather(self.listen(), self.beat())
