"""Tries again some times, and the receiving is a task of its own: the stack does not grow."""

import asyncio
import json

import websockets
from websockets.exceptions import ConnectionClosed


class Wallet:
    def __init__(self, url):
        self.url = url
        self.attempts = 0
        self.ws = None
        self.task = None

    async def connect(self):
        try:
            self.ws = await websockets.connect(self.url)
            await self.log_in()
            self.task = asyncio.create_task(self.listen())
            self.attempts = 0
        except Exception as error:
            print(error)
            await self.try_again()

    async def log_in(self):
        await self.ws.send(json.dumps({"op": "auth"}))
        print(await self.ws.recv())

    async def listen(self):
        try:
            while True:
                print(await self.ws.recv())
        except ConnectionClosed:
            await self.try_again()

    async def try_again(self):
        if self.attempts >= 5:
            return
        self.attempts += 1
        await asyncio.sleep(5 * self.attempts)
        await self.connect()


class Depth:
    def __init__(self, url):
        self.url = url
        self.ws = None

    async def connect(self):
        if self.ws is None:
            self.ws = await websockets.connect(self.url)
        else:
            try:
                await self.ws.ping()
            except ConnectionClosed:
                self.ws = None
                await self.connect()


class Reader:
    def __init__(self, url, loop):
        self.url = url
        self.loop = loop
        self.ws = None

    async def connect(self):
        self.ws = await websockets.connect(self.url)
        self.loop.call_soon_threadsafe(asyncio.create_task, self.read())

    async def read(self):
        while True:
            try:
                print(await self.ws.recv())
            except ConnectionClosed:
                await asyncio.sleep(1)
                await self.connect()
                return
