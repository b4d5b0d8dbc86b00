"""A handler of websockets that sends what another connection delivers."""

import asyncio

import websockets

from application.bus import subscribe


async def handler(ws):
    async with subscribe("prices") as stream:
        async for price in stream:
            await ws.send(price)  # LW157


async def main():
    async with websockets.serve(handler, "0.0.0.0", 8765):
        await asyncio.Future()


asyncio.run(main())
