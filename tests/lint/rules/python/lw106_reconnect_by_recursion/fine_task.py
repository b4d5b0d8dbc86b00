"""Each attempt is a task of its own."""

import asyncio

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.tasks = set()

    def restart(self):
        task = asyncio.create_task(self.connect())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def connect(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                print(message)
        await asyncio.sleep(1)
        self.restart()
