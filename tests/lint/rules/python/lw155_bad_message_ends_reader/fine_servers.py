"""Servers for which a message that is no JSON is the end of its sender only."""

import json
import logging

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
clients = []


@app.websocket("/strict")
async def strict(ws: WebSocket):
    await ws.accept()
    try:
        while True:
            print(json.loads(await ws.receive_text()))
    except WebSocketDisconnect:
        logging.info("left")


@app.websocket("/tidy")
async def tidy(ws: WebSocket):
    await ws.accept()
    clients.append(ws)
    try:
        while True:
            print(await ws.receive_json())
    except WebSocketDisconnect:
        print("left")
    finally:
        clients.remove(ws)


@app.websocket("/any")
async def anything(ws: WebSocket):
    await ws.accept()
    clients.append(ws)
    try:
        while True:
            print(await ws.receive_json())
    except Exception:
        clients.remove(ws)
