"""The condition of the loop is set by the handler, and threads know no cancellation."""

import asyncio
import time

import websocket
import websockets


class Reader:
    def __init__(self, ws: websockets.WebSocketClientProtocol):
        self.ws = ws
        self.running = True

    async def run(self):
        while self.running:
            try:
                print(await self.ws.recv())
            except asyncio.CancelledError:
                self.running = False
            except websockets.ConnectionClosed:
                return

    async def run_some(self):
        while True:
            try:
                print(await self.ws.recv())
            except asyncio.CancelledError:
                if not self.running:
                    raise


def run_in_thread(url):
    while True:
        try:
            ws = websocket.create_connection(url, timeout=10)
            print(ws.recv())
        except BaseException as error:
            print(error)
        time.sleep(5)
