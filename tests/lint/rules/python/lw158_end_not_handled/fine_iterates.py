"""The loop that aiohttp means, and one with a condition."""

import aiohttp


async def follow(url, handle):
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url, heartbeat=20) as ws:
            async for message in ws:
                if message.type == aiohttp.WSMsgType.TEXT:
                    handle(message.data)
        async with session.ws_connect(url, heartbeat=20) as ws:
            while not ws.closed:
                message = await ws.receive()
                if message.type == aiohttp.WSMsgType.TEXT:
                    handle(message.data)
