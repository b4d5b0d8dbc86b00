"""A pong that nobody has asked for is a heartbeat."""

import asyncio

import websockets


async def keep_alive(ws: websockets.ClientConnection):
    while True:
        await ws.pong()
        await asyncio.sleep(20)
