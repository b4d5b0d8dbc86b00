"""An endpoint whose task has a name that nobody reads."""

import asyncio

from fastapi import FastAPI, WebSocket

app = FastAPI()


async def pump(queue: asyncio.Queue, websocket: WebSocket):
    while True:
        await websocket.send_text(await queue.get())


async def reconnect(url):
    import websockets

    return await websockets.connect(url)


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    queue: asyncio.Queue = asyncio.Queue(100)
    writer = asyncio.create_task(pump(queue, websocket))  # LW121
    while True:
        text = await websocket.receive_text()
        if text == "reconnect":
            asyncio.get_running_loop().create_task(reconnect("wss://up.example"))  # LW121
        await queue.put(text)
