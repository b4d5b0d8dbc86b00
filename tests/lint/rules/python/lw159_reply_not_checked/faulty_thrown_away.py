"""The reply is received, to be rid of it."""

import json

import websockets

URL = "wss://stream.example.com/ws"
REQUEST = {"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1}


async def trades(handle):
    async with websockets.connect(URL, ping_interval=20) as ws:
        await ws.send(json.dumps(REQUEST))
        await ws.recv()  # LW159
        async for message in ws:
            handle(json.loads(message))
