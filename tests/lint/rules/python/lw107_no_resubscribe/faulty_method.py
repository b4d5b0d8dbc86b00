"""The subscription is a method that the loop never calls."""

import asyncio

import aiohttp


class Feed:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url
        self.ws: aiohttp.ClientWebSocketResponse | None = None

    async def subscribe(self, channel: str) -> None:
        request = {"type": "subscribe", "channel": channel}
        await self.ws.send_json(request)

    async def run(self) -> None:
        while True:
            try:
                self.ws = await self.session.ws_connect(self.url, heartbeat=20)  # LW107
                async for message in self.ws:
                    print(message.data)
            except aiohttp.ClientError as error:
                print(error)
            await asyncio.sleep(2)


async def main(session, url):
    feed = Feed(session, url)
    task = asyncio.create_task(feed.run())
    await asyncio.sleep(1)
    await feed.subscribe("trades")
    await task
