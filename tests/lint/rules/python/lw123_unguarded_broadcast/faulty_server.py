"""A chat server on websockets, with a broadcast in its handler and one in a task."""

import asyncio
import json

import websockets

CLIENTS = set()


async def handler(websocket):
    CLIENTS.add(websocket)
    try:
        async for message in websocket:
            for client in CLIENTS:
                if client != websocket:
                    await client.send(message)  # LW123
    finally:
        CLIENTS.remove(websocket)


async def ticker(prices):
    while True:
        price = json.dumps(await prices.get())
        try:
            for client in list(CLIENTS):
                await client.send(price)  # LW123
        except websockets.ConnectionClosed:
            print("somebody has gone")


async def gathered(prices):
    while True:
        price = json.dumps(await prices.get())
        await asyncio.gather(*(client.send(price) for client in CLIENTS))  # LW123


async def main(prices):
    async with websockets.serve(handler, "localhost", 8765):
        await ticker(prices)
