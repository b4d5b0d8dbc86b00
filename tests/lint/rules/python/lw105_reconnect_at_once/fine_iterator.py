"""The iterator of websockets pauses by itself; a failure that ends the loop needs no pause."""

import aiohttp
import websockets


async def iterate(url, handle):
    async for ws in websockets.connect(url):
        try:
            async for message in ws:
                handle(message)
        except websockets.ConnectionClosed:
            continue


async def once(url, handle):
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.ws_connect(url, heartbeat=20) as ws:
                    while True:
                        handle(await ws.receive())
            except aiohttp.ClientError as error:
                print(error)
                return
