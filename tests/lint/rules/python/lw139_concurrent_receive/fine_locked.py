"""Receives under a common lock, and of a client that several tasks may receive from."""

import asyncio

import longwire
import websockets


class Client:
    def __init__(self, ws: websockets.WebSocketClientProtocol):
        self.ws = ws
        self.receiving = asyncio.Lock()

    async def first(self):
        while True:
            async with self.receiving:
                print(1, await self.ws.recv())

    async def second(self):
        while True:
            async with self.receiving:
                print(2, await self.ws.recv())

    async def run(self):
        await asyncio.gather(self.first(), self.second())


async def work(client: longwire.Client, name):
    while True:
        print(name, await client.recv())


async def work_too(client: longwire.Client):
    while True:
        print(await client.recv())


async def main(url):
    async with longwire.connect(url) as client:
        await asyncio.gather(work(client, "one"), work_too(client))
