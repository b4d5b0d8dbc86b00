"""aiohttp without its own answers."""

import aiohttp


async def follow(session: aiohttp.ClientSession, url, handle):
    async with session.ws_connect(url, autoping=False, heartbeat=20) as ws:
        async for message in ws:
            if message.type == aiohttp.WSMsgType.TEXT:
                handle(message.data)
            elif message.type == aiohttp.WSMsgType.PING:
                await ws.pong()  # LW137
