"""Asks first."""

import asyncio

import websockets


async def follow(ws: websockets.ClientConnection, handle):
    while True:
        try:
            message = await asyncio.wait_for(ws.recv(), 10)
        except asyncio.TimeoutError:
            pong = await ws.ping()
            await asyncio.wait_for(pong, 10)
            continue
        handle(message)
