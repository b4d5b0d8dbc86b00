"""What the library does by itself is a limit, too."""

import asyncio

import websockets


async def handler(ws):
    async for message in ws:
        await ws.send(message)


async def main():
    async with websockets.serve(handler, "0.0.0.0", 8765, ping_interval=20):
        await asyncio.Future()
