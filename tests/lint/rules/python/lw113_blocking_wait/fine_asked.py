"""What would block is asked before, or does not wait."""

import asyncio
import concurrent.futures
import queue
import threading

import websockets

requests: queue.Queue = queue.Queue()
lock = threading.Lock()


async def writer(ws: websockets.WebSocketClientProtocol):
    while True:
        if not requests.empty():
            await ws.send(requests.get())
        else:
            await asyncio.sleep(0.05)


async def drainer(ws: websockets.WebSocketClientProtocol):
    while True:
        try:
            await ws.send(requests.get(block=False))
            await ws.send(requests.get_nowait())
        except queue.Empty:
            await asyncio.sleep(0.05)


async def result_of(future: concurrent.futures.Future, ws: websockets.WebSocketClientProtocol):
    await asyncio.wrap_future(future)
    if future.done():
        await ws.send(future.result())


async def count(counts: dict, key: str):
    with lock:  # for a moment, and nobody runs meanwhile
        counts[key] = counts.get(key, 0) + 1
    if lock.acquire(blocking=False):
        lock.release()
    lock.acquire()
    try:
        counts[key] += 1
    finally:
        lock.release()
    await asyncio.sleep(0.1)
