"""Each send has a guard of its own."""

import asyncio
import contextlib

from fastapi import WebSocket, WebSocketDisconnect


class Manager:
    def __init__(self):
        self.active: list[WebSocket] = []

    async def add(self, websocket: WebSocket):
        await websocket.accept()
        self.active.append(websocket)

    async def broadcast(self, text: str):
        dead = []
        for connection in list(self.active):
            try:
                await asyncio.wait_for(connection.send_text(text), 5)
            except (WebSocketDisconnect, RuntimeError, TimeoutError):
                dead.append(connection)
        for connection in dead:
            self.active.remove(connection)

    async def broadcast_all(self, text: str):
        for connection in list(self.active):
            try:
                await connection.send_text(text)
            except Exception as error:
                print(error)

    async def say_goodbye(self):
        for connection in list(self.active):
            with contextlib.suppress(Exception):
                await connection.send_text("bye")

    async def gathered(self, text: str):
        sends = [connection.send_text(text) for connection in self.active]
        await asyncio.gather(*sends, return_exceptions=True)
