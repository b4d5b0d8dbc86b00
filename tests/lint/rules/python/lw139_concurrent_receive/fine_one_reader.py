"""One task receives; the other one sends, or has a connection of its own."""

import asyncio

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.ws = None
        self.control = None

    async def read(self):
        async for message in self.ws:
            print(message)

    async def read_control(self):
        async for message in self.control:
            print("control", message)

    async def beat(self):
        while True:
            await self.ws.send("ping")
            await asyncio.sleep(20)

    async def run(self):
        self.ws = await websockets.connect(self.url)
        self.control = await websockets.connect(self.url + "/control")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.read())
            tasks.create_task(self.read_control())
            tasks.create_task(self.beat())


async def read(ws):
    async for message in ws:
        print(message)


async def both(first, second):
    async with websockets.connect(first) as one, websockets.connect(second) as other:
        await asyncio.gather(read(one), read(other))
