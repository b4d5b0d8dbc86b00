"""A thread that polls its queue without a pause, and an asyncio queue polled in a server."""

import asyncio
import queue
import threading

from fastapi import FastAPI, WebSocket

app = FastAPI()
arrivals = queue.Queue()
outgoing: asyncio.Queue[str] = asyncio.Queue()


def work(stop: threading.Event):
    while not stop.is_set():  # LW116
        try:
            arrival = arrivals.get_nowait()
        except queue.Empty:
            pass
        else:
            print(arrival)


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:  # LW116
        if outgoing.qsize() > 0:
            await websocket.send_text(await outgoing.get())


threading.Thread(target=work, args=(threading.Event(),)).start()
