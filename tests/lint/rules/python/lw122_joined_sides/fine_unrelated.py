"""Gathers of other things: of several feeds, of sends, of a limited time."""

import asyncio

import websockets


async def listen(url, queue: asyncio.Queue):
    async with websockets.connect(url) as ws:
        async for message in ws:
            await queue.put(message)


async def store(queue: asyncio.Queue):
    while True:
        print(await queue.get())


async def main(urls):
    queue: asyncio.Queue = asyncio.Queue(100)
    await asyncio.gather(store(queue), *(listen(url, queue) for url in urls))


async def broadcast(clients: set[websockets.WebSocketServerProtocol], text):
    await asyncio.gather(*(one.send(text) for one in clients), return_exceptions=True)


async def read(ws: websockets.WebSocketServerProtocol):
    async for message in ws:
        print(message)


async def write(ws: websockets.WebSocketServerProtocol, queue):
    while True:
        await ws.send(await queue.get())


async def for_a_minute(ws, queue):
    await asyncio.wait_for(asyncio.gather(read(ws), write(ws, queue)), 60)
