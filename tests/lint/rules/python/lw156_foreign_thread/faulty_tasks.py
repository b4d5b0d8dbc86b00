"""Tasks that are started from threads, of pools and of timers."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from fastapi import WebSocket

pool = ThreadPoolExecutor(2)


class Session:
    def __init__(self, websocket: WebSocket):
        self.websocket = websocket
        self.loop = asyncio.get_running_loop()

    async def notify(self, text):
        await self.websocket.send_text(text)

    def work(self, job):
        asyncio.create_task(self.notify(f"done {job}"))  # LW156

    def tick(self):
        self.loop.create_task(self.notify("tick"))  # LW156

    def start(self, job):
        pool.submit(self.work, job)
        threading.Timer(5, self.tick).start()

    async def run(self):
        await self.websocket.accept()
        while True:
            self.start(await self.websocket.receive_text())
