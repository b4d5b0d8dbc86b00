"""One connection, or one answer for each: an end in good order is what it waits for."""

import asyncio

import websockets


async def ask(url, question):
    async with websockets.connect(url) as ws:
        await ws.send(question)
        try:
            while True:
                print(await ws.recv())
        except websockets.ConnectionClosedOK:
            return


async def ask_until_answered(url, question):
    while True:
        try:
            async with websockets.connect(url) as ws:
                await ws.send(question)
                return await ws.recv()
        except (OSError, websockets.ConnectionClosedError):
            await asyncio.sleep(1)
