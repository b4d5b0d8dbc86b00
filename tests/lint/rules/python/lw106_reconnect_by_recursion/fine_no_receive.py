"""Recursion that opens only: it ends when it has succeeded."""

import asyncio

import websockets


async def opened(url, attempts=3):
    try:
        return await websockets.connect(url)
    except OSError:
        if attempts == 0:
            raise
        await asyncio.sleep(1)
        return await opened(url, attempts - 1)


async def main(url):
    ws = await opened(url)
    async for message in ws:
        print(message)
