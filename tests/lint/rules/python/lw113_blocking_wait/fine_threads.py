"""Waits in threads, where they belong."""

import asyncio
import queue
import threading

import websockets


class Importer(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.arrivals = queue.SimpleQueue()
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            try:
                self.work(self.arrivals.get(timeout=1))
            except queue.Empty:
                continue

    def work(self, arrival):
        print(arrival)


class Client:
    def __init__(self, url):
        self.url = url
        self.importer = Importer()
        self.pump = threading.Thread(target=self.importer.run)

    async def run(self):
        async with websockets.connect(self.url) as ws:
            async for message in ws:
                self.importer.arrivals.put(message)

    async def close(self):
        self.importer.stopping.set()
        await asyncio.to_thread(self.pump.join, 1)
        await asyncio.to_thread(self.importer.arrivals.get)
        await asyncio.get_running_loop().run_in_executor(None, self.importer.stopping.wait)
