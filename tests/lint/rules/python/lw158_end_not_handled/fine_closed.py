"""Loops that leave at the end, each in its own way."""

import aiohttp
from aiohttp import WSMsgType


class Client:
    def __init__(self, session: aiohttp.ClientSession):
        self.session = session

    async def named(self, url, handle):
        ws = await self.session.ws_connect(url, heartbeat=20)
        while True:
            message = await ws.receive()
            if message.type == WSMsgType.TEXT:
                handle(message.data)
            elif message.type in (WSMsgType.CLOSED, WSMsgType.ERROR):
                break

    async def otherwise(self, url, handle):
        ws = await self.session.ws_connect(url, heartbeat=20)
        while True:
            message = await ws.receive()
            if message.type != aiohttp.WSMsgType.TEXT:
                raise ConnectionError(message.type)
            handle(message.data)

    async def asked(self, url, handle):
        ws = await self.session.ws_connect(url, heartbeat=20)
        while True:
            message = await ws.receive()
            if ws.closed:
                return
            if message.type == WSMsgType.TEXT:
                handle(message.data)

    async def pings_only(self, url):
        ws = await self.session.ws_connect(url, autoping=False, heartbeat=None)
        while True:
            message = await ws.receive(timeout=30)
            if message.type not in (WSMsgType.PING, WSMsgType.PONG):
                break
        return message

    async def empty(self, url, handle):
        ws = await self.session.ws_connect(url, heartbeat=20)
        while True:
            message = await ws.receive()
            if message.type == WSMsgType.PING or message.data is not None:
                handle(message.data)
            else:
                return
