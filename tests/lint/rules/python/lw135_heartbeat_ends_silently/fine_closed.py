"""Only the end of the connection ends it; the reader meets it, too."""

import asyncio

import websockets


async def heartbeat(ws: websockets.ClientConnection):
    while True:
        try:
            await ws.send("ping")
        except websockets.ConnectionClosed:
            break
        await asyncio.sleep(20)


async def main(url):
    async with websockets.connect(url) as ws:
        task = asyncio.create_task(heartbeat(ws))
        async for message in ws:
            print(message)
        task.cancel()
