"""Servers that have switched off their pings: clients that vanish stay for ever."""

import asyncio
import json

import websockets

CLIENTS = set()


async def serve_one(ws):
    CLIENTS.add(ws)
    try:
        async for message in ws:
            if "all" in json.loads(message):
                websockets.broadcast(CLIENTS, message)
    finally:
        CLIENTS.discard(ws)


async def main():
    async with websockets.serve(serve_one, "0.0.0.0", 8080, ping_interval=None):  # LW131
        await asyncio.Future()
