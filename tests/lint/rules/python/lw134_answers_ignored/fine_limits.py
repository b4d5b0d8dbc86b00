"""It waits for a limited time; and one that sends no heartbeats at all."""

import asyncio
import json

import websockets


async def run(url, handle):
    async with websockets.connect(url, ping_interval=None) as ws:
        while True:
            await ws.send('{"op": "ping"}')
            message = json.loads(await asyncio.wait_for(ws.recv(), 30))
            if message.get("op") == "pong":
                continue
            handle(message)
