"""Other things that are called create_task, and what a thread asks its event loop for."""

import asyncio

import websockets


class Scheduler:
    def create_task(self, name):
        print(name)


class Board:
    def __init__(self, hass, loop: asyncio.AbstractEventLoop):
        self.hass = hass
        self.loop = loop
        self.scheduler = Scheduler()
        self.ws = None

    def from_thread(self, text):
        asyncio.run_coroutine_threadsafe(self.send(text), self.loop)
        self.scheduler.create_task("report")

    async def send(self, text):
        self.ws = self.ws or await websockets.connect("wss://a.example")
        await self.ws.send(text)

    async def start(self):
        self.hass.async_create_task(self.send("hello"))
        await asyncio.create_task(self.send("first"))
        global keeper
        keeper = asyncio.create_task(self.send("second"))
