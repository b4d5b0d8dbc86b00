"""Servers: who sends nonsense is sent away."""

import asyncio
import json

import websockets
from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(ws: WebSocket):
    await ws.accept()
    while True:
        await ws.send_json(json.loads(await ws.receive_text()))


async def handler(ws):
    async for message in ws:
        await ws.send(json.dumps(json.loads(message)))


async def main():
    async with websockets.serve(handler, "", 8765):
        await asyncio.Future()
