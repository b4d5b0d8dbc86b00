"""Every way back pauses, here or in a helper."""

import asyncio
import random
import time

import websocket
import websockets

from .waiting import backoff


async def behind_everything(url, handle):
    delay = 1
    while True:
        try:
            async with websockets.connect(url) as ws:
                delay = 1
                async for message in ws:
                    handle(message)
        except (OSError, websockets.WebSocketException) as error:
            print("lost", error)
        await asyncio.sleep(delay * random.random())
        delay = min(delay * 2, 60)


class Feed:
    async def pause(self, stop: asyncio.Event):
        try:
            await asyncio.wait_for(stop.wait(), 5)
        except asyncio.TimeoutError:
            pass

    async def run(self, url, stop):
        while True:
            try:
                ws = await websockets.connect(url)
                while True:
                    print(await ws.recv())
            except websockets.ConnectionClosed:
                await self.pause(stop)
            except OSError:
                await backoff()


def in_a_thread(url):
    app = websocket.WebSocketApp(url)
    while True:
        app.run_forever(ping_interval=10, ping_timeout=5)
        time.sleep(3)
