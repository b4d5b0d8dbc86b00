"""Nested coroutines of an endpoint, which share its connection."""

import asyncio

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()

    async def commands():
        while True:
            command = await websocket.receive_json()
            print(command)

    async def acknowledgements():
        while True:
            await websocket.send_text("tick")
            await websocket.receive_text()

    tasks = [
        asyncio.create_task(commands()),
        asyncio.create_task(acknowledgements()),  # LW139
    ]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
