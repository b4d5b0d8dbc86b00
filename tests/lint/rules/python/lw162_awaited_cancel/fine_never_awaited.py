"""The await stands in a handler of what raises nothing."""

import asyncio

import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.task = None

    async def receive(self, ws):
        async for message in ws:
            print(message)

    async def run(self):
        while True:
            try:
                ws = await websockets.connect(self.url)
                if self.task is not None:
                    try:
                        self.task.cancel()
                    except asyncio.CancelledError:
                        await self.task
                self.task = asyncio.create_task(self.receive(ws))
                await ws.wait_closed()
            except OSError:
                pass
            await asyncio.sleep(1)
