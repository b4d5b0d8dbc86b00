"""Pings are on: by default, or because it says so, or maybe by what is handed over."""

import aiohttp
import websockets
from tornado.websocket import websocket_connect


async def by_default(url):
    async with websockets.connect(url) as ws:
        async for message in ws:
            print(message)


async def told(url, session: aiohttp.ClientSession, **options):
    async with session.ws_connect(url, heartbeat=30) as ws, session.ws_connect(url, **options) as b:
        async for message in ws:
            await b.send_str(message.data)


async def with_tornado(url):
    connection = await websocket_connect(url, ping_interval=10, ping_timeout=5)
    print(await connection.read_message())
