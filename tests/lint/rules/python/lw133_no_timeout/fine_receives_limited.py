"""A connection all of whose receives are limited."""

import aiohttp


async def follow(url, handle):
    async with aiohttp.ClientSession() as session:
        limit = aiohttp.ClientWSTimeout(ws_receive=30)
        async with session.ws_connect(url, heartbeat=20, timeout=limit) as ws:
            handle(await ws.receive_json())
            async for message in ws:
                handle(message.json())
