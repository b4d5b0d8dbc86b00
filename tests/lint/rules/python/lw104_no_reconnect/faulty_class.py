"""A class whose user calls run once."""

import aiohttp


class Listener:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def run(self) -> None:
        ws = await self.session.ws_connect(self.url, heartbeat=30)  # LW104
        await ws.send_json({"type": "subscribe"})
        while True:
            message = await ws.receive()
            if message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                break
            self.handle(message.json())

    def handle(self, message) -> None:
        print(message)
