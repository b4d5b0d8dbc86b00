"""Uses the quiet time for something else."""

import asyncio

import websockets


async def follow(ws: websockets.ClientConnection, handle, stop):
    while True:
        try:
            message = await asyncio.wait_for(ws.recv(), 1)
        except asyncio.TimeoutError:
            if stop.is_set():
                return
            continue
        handle(message)
