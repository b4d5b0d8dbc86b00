"""Asks, and takes what comes; a server that receives from who has come."""

import websockets


async def ask(url, question):
    async with websockets.connect(url) as ws:
        await ws.send(question)
        return await ws.recv()


async def handler(ws: websockets.ServerConnection):
    async for message in ws:
        await ws.send(message)
