"""The library pings, too, and looks for the pongs."""

import asyncio
import json

import websockets


async def beat(ws: websockets.ClientConnection):
    while True:
        await ws.send(json.dumps({"op": "ping"}))
        await asyncio.sleep(20)


async def run(url, handle):
    async with websockets.connect(url) as ws:
        task = asyncio.create_task(beat(ws))
        async for text in ws:
            message = json.loads(text)
            if message.get("op") == "pong":
                continue
            handle(message)
        task.cancel()
