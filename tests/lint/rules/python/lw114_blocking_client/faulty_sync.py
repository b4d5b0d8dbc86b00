"""The blocking half of websockets in an endpoint of FastAPI."""

from fastapi import FastAPI, WebSocket
from websockets.sync.client import connect

app = FastAPI()
UPSTREAM = "wss://model.example/stream"


@app.websocket("/relay")
async def relay(websocket: WebSocket):
    await websocket.accept()
    with connect(UPSTREAM) as upstream:  # LW114
        while True:
            upstream.send(await websocket.receive_text())
            await websocket.send_text(upstream.recv())  # LW114


@app.websocket("/once")
async def once(websocket: WebSocket):
    await websocket.accept()
    upstream = connect(UPSTREAM, open_timeout=5)  # LW114
    try:
        await websocket.send_text(upstream.recv(timeout=5))  # LW114
    finally:
        upstream.close()
