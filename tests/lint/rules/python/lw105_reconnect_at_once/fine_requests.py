"""A loop that opens one connection for each job of a queue, and a server's receive loop."""

import asyncio

import websockets
from fastapi import WebSocket


async def worker(jobs: asyncio.Queue, url):
    while True:
        job = await jobs.get()
        try:
            async with websockets.connect(url) as ws:
                await ws.send(job)
                print(await asyncio.wait_for(ws.recv(), 10))
        except OSError as error:
            print(error)


async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        text = await websocket.receive_text()
        await websocket.send_text(text)
