"""It waits for a limited time only."""

import asyncio

import aiohttp


async def read(url, handle):
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as ws:
            while True:
                message = await asyncio.wait_for(ws.receive(), timeout=60)
                if message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                    return
                handle(message.data)
