"""A client that asks for text only: after the end it spins."""

import aiohttp


class Client:
    def __init__(self, session: aiohttp.ClientSession):
        self.session = session
        self.ws: aiohttp.ClientWebSocketResponse | None = None

    async def connect(self, url):
        self.ws = await self.session.ws_connect(url, heartbeat=20)

    async def read(self, handle):
        while True:
            message = await self.ws.receive()  # LW158
            if message.type == aiohttp.WSMsgType.TEXT:
                await handle(message.data)
            elif message.type == aiohttp.WSMsgType.BINARY:
                await handle(message.data.decode())
