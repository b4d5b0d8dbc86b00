"""Subscribed once, in front of the loop."""

import asyncio
import json

import websockets

REQUEST = {"op": "subscribe", "args": ["orderBook"]}


async def follow(url, handle):
    ws = await websockets.connect(url)
    await ws.send(json.dumps(REQUEST))
    while True:
        try:
            handle(await ws.recv())
        except websockets.ConnectionClosed:
            await asyncio.sleep(1)
            ws = await websockets.connect(url)  # LW107
