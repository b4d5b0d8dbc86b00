"""The connect is in the try, in one of its own, or in a helper that catches."""

import asyncio

import websockets


async def follow(url, handle):
    while True:
        try:
            async with websockets.connect(url) as ws:
                async for message in ws:
                    handle(message)
        except (OSError, websockets.WebSocketException):
            await asyncio.sleep(1)


async def follow_in_two_steps(url, handle):
    while True:
        try:
            ws = await websockets.connect(url)
        except Exception:
            await asyncio.sleep(5)
            continue
        try:
            while True:
                handle(await ws.recv())
        except websockets.ConnectionClosed:
            await asyncio.sleep(1)


class Feed:
    async def open(self, url):
        while True:
            try:
                return await websockets.connect(url)
            except OSError:
                await asyncio.sleep(1)

    async def run(self, url, handle):
        while True:
            ws = await self.open(url)
            try:
                while True:
                    handle(await ws.recv())
            except websockets.ConnectionClosed:
                await asyncio.sleep(1)
