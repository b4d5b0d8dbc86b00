"""The same words, of asynchronous clients."""

import aiohttp
import websockets
from websockets.asyncio.client import connect


async def feed(url, handle):
    async with connect(url) as ws:
        while True:
            handle(await ws.recv())


async def ask(url, question):
    ws = await websockets.connect(url)
    try:
        await ws.send(question)
        return await ws.recv()
    finally:
        await ws.close()


async def listen(url, handle):
    async with aiohttp.ClientSession() as session:
        ws = await session.ws_connect(url)
        handle(await ws.receive())
