"""asyncio.run for each send, from the callbacks of another library."""

import asyncio
import json

import websockets


class Board:
    def __init__(self, url):
        self.url = url
        self.ws: websockets.WebSocketClientProtocol | None = None

    async def open(self):
        self.ws = await websockets.connect(self.url)

    async def push(self, values):
        for value in values:
            await self.ws.send(json.dumps(value))

    def on_price(self, price):
        asyncio.run(self.ws.send(json.dumps(price)))  # LW156

    def on_prices(self, prices):
        asyncio.run(self.push(prices))  # LW156


def answer(connection: websockets.WebSocketServerProtocol):
    return asyncio.run(connection.recv())  # LW156


board = Board("wss://board.example")
asyncio.run(board.open())
