"""A subscription is renewed while messages come in."""

import asyncio

from fastapi import FastAPI, WebSocket

app = FastAPI()


async def stream(websocket: WebSocket, topic: str):
    number = 0
    while True:
        number += 1
        await websocket.send_text(f"{topic} {number}")
        await asyncio.sleep(1)


@app.websocket("/topics")
async def topics(websocket: WebSocket):
    await websocket.accept()
    streaming = None
    while True:
        topic = await websocket.receive_text()
        if streaming is not None:
            streaming.cancel()
            await streaming  # LW162
        streaming = asyncio.create_task(stream(websocket, topic))
