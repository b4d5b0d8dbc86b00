"""The connect and the receive are in methods of their own."""

import logging

import aiohttp


class Client:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url
        self.ws = None

    async def open(self) -> None:
        self.ws = await self.session.ws_connect(self.url, heartbeat=15)

    async def read(self) -> None:
        async for message in self.ws:
            if message.type is aiohttp.WSMsgType.TEXT:
                print(message.data)

    async def run(self) -> None:
        while True:
            try:
                await self.open()
                await self.read()
            except aiohttp.ClientError:  # LW105
                logging.exception("lost")
