"""The handler is around the loop, and passes."""

import asyncio

import aiohttp


async def beat(ws: aiohttp.ClientWebSocketResponse, name):
    try:
        while True:
            await asyncio.sleep(20)
            await ws.send_json({"type": "ping", "name": name.upper()})
    except Exception:  # LW135
        pass


async def main(session: aiohttp.ClientSession, url, name):
    async with session.ws_connect(url, heartbeat=30) as ws:
        task = asyncio.create_task(beat(ws, name))
        async for message in ws:
            print(message.data)
        task.cancel()
