"""A loop over the connection inside a loop that never ends: no try is needed to spin."""

import asyncio
import json

import aiohttp
import websockets

watchers = set()


async def serve_watcher(websocket):
    watchers.add(websocket)
    try:
        while True:
            async for message in websocket:  # LW101
                if json.loads(message).get("command") == "start":
                    print("started")
    except websockets.ConnectionClosedError:
        print("lost")
    finally:
        watchers.discard(websocket)


async def follow(url):
    while True:
        try:
            async with websockets.connect(url) as feed:
                while True:
                    try:
                        async for message in feed:  # LW101
                            print(json.loads(message))
                    except asyncio.TimeoutError:
                        break
        except OSError:
            await asyncio.sleep(2)


async def rooms(session: aiohttp.ClientSession, url):
    async with session.ws_connect(url, heartbeat=20) as ws:
        while True:
            async for message in ws:  # LW101
                print(message.data)


async def main():
    async with websockets.serve(serve_watcher, "", 8001) as server:
        await server.serve_forever()
