"""Pongs that are ordinary messages."""

import json

import websockets


async def follow(ws: websockets.ClientConnection):
    async for text in ws:
        message = json.loads(text)
        if message["op"] == "ping":
            await ws.send(json.dumps({"op": "pong"}))
