"""Awaited, handed over, or returned for another one to await."""

import asyncio

import websockets


class Client:
    def __init__(self, url, loop):
        self.url = url
        self.loop = loop
        self.ws = None
        self.tasks = []

    async def open(self):
        self.ws = await websockets.connect(self.url)
        await self.ws.send("hello")
        await asyncio.wait_for(self.ws.send("world"), 5)
        self.tasks.append(asyncio.create_task(self.ws.send("!")))
        waiter = await self.ws.ping()
        await waiter

    def send_from_thread(self, text):
        asyncio.run_coroutine_threadsafe(self.ws.send(text), self.loop)

    def send(self, text):
        return self.ws.send(text)

    async def close(self):
        await asyncio.gather(self.ws.close(), self.send("bye"))
        asyncio.gather(*self.tasks)
        later = lambda: self.ws.close()
        await later()
