"""A plain face of an asynchronous client: one loop, run by whoever calls."""

import asyncio
import queue
import threading

import websockets


class Client:
    def __init__(self, url):
        self.loop = asyncio.new_event_loop()
        self.ws = self.loop.run_until_complete(self._open(url))
        self.arrivals = queue.Queue()
        self.stopped = threading.Event()

    async def _open(self, url):
        return await websockets.connect(url)

    def send(self, text):
        self.loop.run_until_complete(self.ws.send(text))

    def recv(self):
        return self.loop.run_until_complete(self.ws.recv())

    def work(self):
        while not self.stopped.is_set():
            self.arrivals.put_nowait("tick")
            self.stopped.wait(1)

    def start(self):
        threading.Thread(target=self.work).start()
