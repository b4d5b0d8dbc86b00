"""No pings, but every receive is limited: by the connect."""

import aiohttp


class Speech:
    def __init__(self, session: aiohttp.ClientSession, url, limit):
        self.session = session
        self.url = url
        self.limit = limit

    async def recognize(self, frames):
        async with self.session.ws_connect(
            self.url,
            timeout=aiohttp.ClientWSTimeout(ws_receive=self.limit * 5, ws_close=10),
        ) as ws:
            for frame in frames:
                await ws.send_bytes(frame)
            async for message in ws:
                print(message.data)
