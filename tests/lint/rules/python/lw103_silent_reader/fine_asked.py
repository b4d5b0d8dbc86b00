"""A reader that ends quietly, and somebody who asks whether it is done."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


class Handler:
    def __init__(self, websocket: websockets.ServerConnection):
        self.websocket = websocket
        self.queue = asyncio.Queue(100)
        self.reader = None

    async def read(self):
        try:
            while True:
                await self.queue.put(await self.websocket.recv())
        except websockets.ConnectionClosed:
            log.debug("closed")

    def start(self):
        self.reader = asyncio.ensure_future(self.read())

    async def listen(self):
        while not self.reader.done():
            try:
                print(await asyncio.wait_for(self.queue.get(), 5))
            except asyncio.TimeoutError:
                continue


async def client(url):
    try:
        async with websockets.connect(url) as ws:
            async for message in ws:
                print(message)
    except OSError as error:
        print(error)
    except websockets.ConnectionClosed as error:
        print(error)


async def many(url, count):
    clients = []
    for _ in range(count):
        clients.append(asyncio.create_task(client(url)))
    await asyncio.wait(clients)
