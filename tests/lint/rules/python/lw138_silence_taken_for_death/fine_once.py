"""An answer has its time: there is no loop."""

import asyncio

import websockets


async def ask(ws: websockets.ClientConnection, question):
    await ws.send(question)
    try:
        return await asyncio.wait_for(ws.recv(), 5)
    except asyncio.TimeoutError:
        raise RuntimeError("no answer") from None
