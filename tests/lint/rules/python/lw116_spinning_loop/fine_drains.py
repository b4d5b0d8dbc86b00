"""Loops that end when there is nothing left, and compute."""

import asyncio
import queue

import websockets

arrivals: queue.Queue = queue.Queue()


async def drain(ws: websockets.WebSocketClientProtocol):
    while not arrivals.empty():
        await ws.send(arrivals.get_nowait())
    while True:
        try:
            await ws.send(arrivals.get_nowait())
        except queue.Empty:
            break


def batch(limit):
    found = []
    while len(found) < limit:
        try:
            found.append(arrivals.get_nowait())
        except queue.Empty:
            return found
    return found


async def copy(source, ws: websockets.WebSocketClientProtocol):
    while True:
        chunk = source.read(4096)
        if not chunk:
            break
        await ws.send(chunk)


async def settle(done):
    while not done():
        await asyncio.sleep(0)
    while done.step():
        pass
