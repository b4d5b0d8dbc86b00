"""A server of websockets that anybody may send anything to."""

import asyncio

import websockets


async def handler(ws):
    async for message in ws:
        await ws.send(message)


async def main():
    async with websockets.serve(
        handler,
        "0.0.0.0",
        8765,
        max_size=None,  # LW142
    ):
        await asyncio.Future()


asyncio.run(main())
