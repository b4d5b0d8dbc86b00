"""A thread with an event loop of its own, and programs that run one from beginning to end."""

import asyncio
import threading

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.queue = asyncio.Queue()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        self.queue.put_nowait("first")
        loop.create_task(self.read())
        loop.run_forever()

    async def read(self):
        async with websockets.connect(self.url) as ws:
            await ws.send(await self.queue.get())
            async for message in ws:
                print(message)

    def once(self, text):
        return asyncio.run(self.ask(text))

    async def ask(self, text):
        async with websockets.connect(self.url) as ws:
            await ws.send(text)
            return await ws.recv()


if __name__ == "__main__":
    asyncio.run(Client("wss://a.example").read())
