"""One branch of many."""

import asyncio

import aiohttp


async def beat(ws: aiohttp.ClientWebSocketResponse):
    while True:
        await asyncio.sleep(10)
        await ws.send_json({"type": "heartbeat"})


async def follow(session: aiohttp.ClientSession, url, handle):
    async with session.ws_connect(url) as ws:
        task = asyncio.create_task(beat(ws))
        async for message in ws:
            data = message.json()
            if data["type"] == "trade":
                handle(data)
            elif data["type"] == "heartbeat_ack":  # LW134
                pass
        task.cancel()
