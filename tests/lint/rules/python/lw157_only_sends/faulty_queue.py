"""A route that waits for something to send, whoever is still there."""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
subscribers = set()


@app.websocket("/events")
async def events(ws: WebSocket):
    await ws.accept()
    inbox = asyncio.Queue(maxsize=100)
    subscribers.add(inbox)
    try:
        while True:
            event = await inbox.get()
            await ws.send_json(event)  # LW157
    except WebSocketDisconnect:
        pass
    finally:
        subscribers.discard(inbox)
