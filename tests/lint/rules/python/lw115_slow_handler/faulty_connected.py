"""Asks the user, while a connection is open behind its back."""

import asyncio

import websockets


async def register(uri):
    async with websockets.connect(uri) as ws:
        name = input("your name: ")  # LW115
        await ws.send(name)
        async for message in ws:
            print(message)


async def chat(uri):
    ws = await websockets.connect(uri)
    print(await ws.recv())
    await ws.send(input("> "))  # LW115
    print(await asyncio.wait_for(ws.recv(), 10))
