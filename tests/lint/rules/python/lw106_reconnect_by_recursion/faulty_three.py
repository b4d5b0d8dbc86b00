"""By way of a third method."""

import asyncio

import aiohttp


class Feed:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def start(self) -> None:
        self.ws = await self.session.ws_connect(self.url, heartbeat=20)
        await self.listen()

    async def listen(self) -> None:
        async for message in self.ws:
            print(message.data)
        await self.restart()

    async def restart(self) -> None:
        await self.ws.close()
        await asyncio.sleep(5)
        await self.start()  # LW106
