"""Servers that take a client out only where it has left: not where its message is no JSON."""

import json

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
clients = []


@app.websocket("/chat")
async def chat(ws: WebSocket):
    await ws.accept()
    clients.append(ws)
    try:
        while True:
            said = json.loads(await ws.receive_text())  # LW155
            for client in list(clients):
                await client.send_json(said)
    except WebSocketDisconnect:
        clients.remove(ws)


@app.websocket("/values")
async def values(ws: WebSocket):
    await ws.accept()
    clients.append(ws)
    try:
        while True:
            print(await ws.receive_json())  # LW155
    except WebSocketDisconnect:
        clients.remove(ws)
        print("left")
