"""The condition of the loop asks whether to go on."""

import asyncio

import websockets


async def asks_connection(url, handle):
    ws = await websockets.connect(url)
    while not ws.closed:
        try:
            handle(await ws.recv())
        except Exception as error:
            print(error)


class Flagged:
    running = True

    async def run(self, ws: websockets.WebSocketClientProtocol):
        while self.running:
            try:
                print(await ws.recv())
            except websockets.ConnectionClosed:
                self.running = False

    async def run_once(self, ws: websockets.WebSocketClientProtocol):
        for _ in range(10):
            try:
                print(await asyncio.wait_for(ws.recv(), 1))
            except Exception as error:
                print(error)
