"""Locks for threads that are held while others run, and waits for events and results."""

import asyncio
import concurrent.futures
import threading

from fastapi import FastAPI, WebSocket

app = FastAPI()
pool = concurrent.futures.ThreadPoolExecutor(4)
ready = threading.Event()


class Hub:
    def __init__(self):
        self.lock = threading.Lock()
        self.clients: set[WebSocket] = set()

    async def broadcast(self, text: str):
        with self.lock:  # LW113
            for client in list(self.clients):
                await asyncio.wait_for(client.send_text(text), 1)

    async def add(self, client: WebSocket):
        self.lock.acquire()  # LW113
        try:
            await client.send_text("welcome")
            self.clients.add(client)
        finally:
            self.lock.release()


hub = Hub()


def work(text: str) -> str:
    return text.upper()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    ready.wait()  # LW113
    await hub.add(websocket)
    while True:
        future = pool.submit(work, await websocket.receive_text())
        await websocket.send_text(future.result())  # LW113
