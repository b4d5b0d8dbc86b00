"""What is done with every message fails for the end, or knows it."""

import json

import aiohttp


class Client:
    def __init__(self, session: aiohttp.ClientSession):
        self.session = session

    async def parses(self, url, handle):
        ws = await self.session.ws_connect(url, heartbeat=20)
        while True:
            message = await ws.receive()
            if message.type == aiohttp.WSMsgType.ERROR:
                break
            handle(json.loads(message.data))

    async def hands_over(self, url):
        ws = await self.session.ws_connect(url, heartbeat=20)
        while True:
            message = await ws.receive()
            if message.type == aiohttp.WSMsgType.PING:
                continue
            self.on_message(message)

    def on_message(self, message):
        if message.type == aiohttp.WSMsgType.CLOSED:
            raise ConnectionError
        print(message.data)
