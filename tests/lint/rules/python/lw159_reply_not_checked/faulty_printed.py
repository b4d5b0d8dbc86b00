"""A login whose answer is only printed, in a class of its own."""

import asyncio
import logging

import aiohttp

log = logging.getLogger(__name__)


class Session:
    def __init__(self, http: aiohttp.ClientSession, token):
        self.http = http
        self.token = token

    async def open(self, url):
        self.ws = await self.http.ws_connect(url, heartbeat=20)
        await self.ws.send_json({"type": "auth", "access_token": self.token})
        log.info("logging in")
        reply = await asyncio.wait_for(self.ws.receive_json(), 10)  # LW159
        log.info("reply: %s", reply)

    async def read(self, handle):
        async for message in self.ws:
            handle(message.json())
