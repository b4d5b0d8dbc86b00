"""It is no task: who calls it sees that it has returned."""

import websockets


async def reader(ws: websockets.ClientConnection):
    while True:
        try:
            print(await ws.recv())
        except websockets.ConnectionClosed:
            print("closed")
            break


async def main(url):
    async for ws in websockets.connect(url):
        await reader(ws)
