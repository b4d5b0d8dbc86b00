"""Sends that are gathered one by one, and sends that asyncio.wait does not take."""

import asyncio

import websockets
from starlette.websockets import WebSocket

CLIENTS: set[websockets.ServerConnection] = set()


async def tell_all(text):
    if CLIENTS:
        await asyncio.wait([client.send(text) for client in CLIENTS])  # LW123


class Exchange:
    def __init__(self):
        self.connections: dict[str, WebSocket] = {}

    async def serve(self, ws: WebSocket):
        async for text in ws.iter_text():
            await self.dispatch(text)

    async def dispatch(self, text):
        deliveries = []
        for name, web_socket in self.connections.items():
            if name in text:
                deliveries.append(web_socket.send_text(text))
        await asyncio.gather(*deliveries)  # LW123
