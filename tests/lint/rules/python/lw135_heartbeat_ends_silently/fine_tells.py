"""It closes the connection, or goes on, or raises."""

import asyncio

import websockets


class Gateway:
    def __init__(self, ws: websockets.ClientConnection):
        self.ws = ws

    async def closes(self):
        while True:
            try:
                await self.ws.send("ping")
                await asyncio.sleep(20)
            except Exception:
                await self.ws.close()
                return

    async def goes_on(self):
        while True:
            try:
                await self.ws.send("ping")
            except Exception as error:
                print(error)
            await asyncio.sleep(20)

    async def raises(self):
        while True:
            await self.ws.send("ping")
            await asyncio.sleep(20)

    async def run(self):
        self.tasks = [
            asyncio.create_task(self.closes()),
            asyncio.create_task(self.goes_on()),
            asyncio.create_task(self.raises()),
        ]
        async for message in self.ws:
            print(message)
