"""A reply that has nothing to do with a subscription, and one that ends it."""

import json

import websockets


async def sync(url, handle):
    async with websockets.connect(url) as ws:
        await ws.recv()  # the greeting
        await ws.send(json.dumps({"op": "time"}))
        await ws.recv()
        async for message in ws:
            handle(message)
            if message == "done":
                await ws.send(json.dumps({"op": "unsubscribe"}))
                await ws.recv()
