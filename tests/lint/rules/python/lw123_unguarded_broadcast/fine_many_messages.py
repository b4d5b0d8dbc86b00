"""Many messages for one connection are no broadcast."""

import asyncio

import aiohttp


async def subscribe(session: aiohttp.ClientSession, url, topics):
    async with session.ws_connect(url, heartbeat=20) as ws:
        await asyncio.gather(*[ws.send_str(topic) for topic in topics])
        await asyncio.gather(*[ws.send_json({"topic": topic}) for topic in topics])
        async for message in ws:
            print(message.data)
