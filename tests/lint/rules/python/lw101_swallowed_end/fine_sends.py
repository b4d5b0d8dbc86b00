"""Handlers that send: on a connection that has ended, that fails, and leaves the loop."""

import asyncio
import json

import websockets


async def ask_when_silent(uri, control):
    async with websockets.connect(uri) as ws:
        while True:
            try:
                control(await asyncio.wait_for(ws.recv(), 10))
            except Exception:
                await ws.send("path")


async def answer_errors(ws: websockets.ServerConnection, handle):
    while True:
        try:
            await handle(json.loads(await ws.recv()))
        except Exception as error:
            await ws.send(json.dumps({"error": str(error)}))
