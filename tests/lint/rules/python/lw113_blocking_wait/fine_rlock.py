"""A lock that its own thread may take again: the tasks of one event loop are one thread."""

import asyncio
import threading

import websockets


class Store:
    def __init__(self):
        self.lock = threading.RLock()
        self.clients = {}

    async def end(self, name):
        with self.lock:
            client: websockets.ServerConnection = self.clients.pop(name)
            await client.close()
            await asyncio.sleep(0)
