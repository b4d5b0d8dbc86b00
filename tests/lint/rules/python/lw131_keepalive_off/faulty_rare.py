"""Sound that comes in pieces; somebody took the seconds of the option for milliseconds."""

import asyncio

import websockets

EVERY = "wss://sound.example/live"


async def listen(play):
    async with websockets.connect(EVERY, ping_interval=20000) as ws:  # LW131
        async for piece in ws:
            play(piece)


asyncio.run(listen(print))
