"""websocket-client in coroutines, by its functions and by a helper."""

import asyncio
import json

import websocket


class Ticker:
    def __init__(self, url):
        self.url = url
        self.ws = None

    def open(self):
        self.ws = websocket.create_connection(self.url, timeout=10)  # LW114
        self.ws.send(json.dumps({"op": "subscribe", "channel": "ticker"}))

    async def prices(self):
        self.open()
        while True:
            yield json.loads(self.ws.recv())  # LW114


async def main():
    async for price in Ticker("wss://prices.example/ws").prices():
        print(price)
        await asyncio.sleep(0)


asyncio.run(main())
