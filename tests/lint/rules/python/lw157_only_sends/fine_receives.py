"""A handler that receives, too: its end is the end of the client."""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


async def send_events(ws, inbox):
    while True:
        await ws.send_json(await inbox.get())


@app.websocket("/events")
async def events(ws: WebSocket):
    await ws.accept()
    sender = asyncio.create_task(send_events(ws, asyncio.Queue(maxsize=100)))
    try:
        while True:
            await ws.receive_text()
    except WebSocketDisconnect:
        pass
    finally:
        sender.cancel()


@app.websocket("/echo")
async def echo(ws: WebSocket):
    await ws.accept()
    while True:
        await ws.send_text(await ws.receive_text())
