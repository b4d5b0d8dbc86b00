"""The task goes on with another connection."""

import asyncio

import websockets


async def follow(url, handle):
    while True:
        try:
            async with websockets.connect(url) as ws:
                while True:
                    try:
                        handle(await ws.recv())
                    except websockets.ConnectionClosed:
                        print("closed")
                        break
        except OSError as error:
            print("down:", error)
        await asyncio.sleep(1)


async def main(url, handle):
    task = asyncio.create_task(follow(url, handle))
    await asyncio.sleep(3600)
    task.cancel()
