"""Handlers of several libraries that answer with a coroutine that nobody awaits."""

import asyncio

from aiohttp import web
from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            websocket.send_text(text.upper())  # LW154
    finally:
        asyncio.wait_for(websocket.close(), 5)  # LW154


async def attend(request):
    ws = web.WebSocketResponse()
    ws.prepare(request)  # LW154
    async for message in ws:
        if message.data == "close":
            ws.close()  # LW154
        else:
            await ws.send_str(message.data)
    return ws


async def by_name_only(ws):
    await ws.send("hello")
    ws.send("world")  # LW154
