"""Records that come in on threads, and are sent to the clients of a server."""

import asyncio
import pickle
import socketserver

import websockets

clients: set[websockets.ServerConnection] = set()


class Records(socketserver.StreamRequestHandler):
    def handle(self):
        while chunk := self.rfile.read(512):
            asyncio.run(self.broadcast(pickle.loads(chunk)))  # LW156

    async def broadcast(self, record):
        await tell_all(str(record))


async def tell_all(text):
    for client in list(clients):
        try:
            await client.send(text)
        except websockets.ConnectionClosed:
            clients.discard(client)


async def serve_one(ws: websockets.ServerConnection):
    clients.add(ws)
    await ws.wait_closed()
    clients.discard(ws)
