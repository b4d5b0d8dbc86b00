"""Clients of a server come and go."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from application.hub import Hub

app = FastAPI()
hub = Hub()


@app.websocket("/ws")
async def endpoint(ws: WebSocket):
    await ws.accept()
    hub.add(ws)
    try:
        while True:
            await hub.publish(await ws.receive_text())
    except WebSocketDisconnect:
        pass
    finally:
        hub.remove(ws)
