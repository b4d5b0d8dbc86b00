"""Gives up after ten quiet seconds."""

import asyncio

import websockets


async def follow(url, handle):
    while True:
        try:
            async with websockets.connect(url) as ws:
                while True:
                    try:
                        handle(await asyncio.wait_for(ws.recv(), 10))
                    except asyncio.TimeoutError:  # LW138
                        break
        except OSError as error:
            print(error)
        await asyncio.sleep(1)
