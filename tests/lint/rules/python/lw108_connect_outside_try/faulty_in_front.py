"""The connect stands in front of the try."""

import asyncio
import json

import aiohttp
import websockets


async def follow(url, handle):
    while True:
        ws = await websockets.connect(url)  # LW108
        await ws.send(json.dumps({"op": "subscribe"}))
        try:
            while True:
                handle(await ws.recv())
        except websockets.ConnectionClosed:
            print("closed, again in a second")
            await asyncio.sleep(1)


async def follow_with_aiohttp(session: aiohttp.ClientSession, url, handle):
    while True:
        ws = await session.ws_connect(url, heartbeat=20)  # LW108
        try:
            while True:
                handle(await ws.receive_str())
        except Exception as error:
            print(error)
        await asyncio.sleep(5)
