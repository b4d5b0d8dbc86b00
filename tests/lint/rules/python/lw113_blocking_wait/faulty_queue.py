"""Coroutines that take from queues for threads."""

import asyncio
import json
import queue
import threading

import websockets
from websockets.asyncio.server import ServerConnection

frames: queue.Queue = queue.Queue(20)


async def viewer(connection: ServerConnection):
    while True:
        frame = frames.get()  # LW113
        await connection.send(frame)


class Writer:
    def __init__(self, url):
        self.url = url
        self.requests = queue.SimpleQueue()
        self.stopped = threading.Event()

    def _next(self):
        try:
            return self.requests.get(timeout=0.5)  # LW113
        except queue.Empty:
            return None

    async def run(self):
        async with websockets.connect(self.url) as ws:
            while not self.stopped.is_set():
                request = self._next()
                if request is not None:
                    await ws.send(json.dumps(request))


async def main():
    async with websockets.serve(viewer, "localhost", 8765):
        await asyncio.Future()
