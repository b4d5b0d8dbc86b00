"""The connection goes to something else, which may receive; or its state is asked for."""

import asyncio

from fastapi import FastAPI, WebSocket
from starlette.websockets import WebSocketState

from application.hub import hub

app = FastAPI()


@app.websocket("/hub")
async def join(ws: WebSocket):
    await ws.accept()
    await hub.serve(ws)
    while True:
        await ws.send_json(await hub.farewell())


@app.websocket("/load")
async def load(ws: WebSocket):
    await ws.accept()
    while True:
        if ws.client_state is not WebSocketState.CONNECTED:
            break
        await ws.send_json({"load": hub.load})
        await asyncio.sleep(1)
