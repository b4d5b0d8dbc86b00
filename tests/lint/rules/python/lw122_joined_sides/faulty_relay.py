"""A relay between two connections; where one ends, the other is waited for."""

import asyncio

import websockets
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/relay")
async def relay(websocket: WebSocket):
    await websocket.accept()
    async with websockets.connect("wss://upstream.example") as upstream:

        async def upward():
            try:
                while True:
                    await upstream.send(await websocket.receive_text())
            except WebSocketDisconnect:
                print("client has gone")

        async def downward():
            async for message in upstream:
                await websocket.send_text(message)

        await asyncio.gather(upward(), downward())  # LW122


async def by_other_files(url, queue):
    from sides import produce_messages, receive_messages

    async with websockets.connect(url) as ws:
        await asyncio.gather(  # LW122
            receive_messages(ws), produce_messages(ws, queue), return_exceptions=True
        )
