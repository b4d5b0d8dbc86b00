"""Guarded sends; but the dead are taken out of what the loop goes over."""

from fastapi import WebSocket

clients: set[WebSocket] = set()


async def tell_all(text):
    for client in clients:
        try:
            await client.send_text(text)  # LW123
        except Exception:
            clients.remove(client)


class Manager:
    def __init__(self):
        self.active: list[WebSocket] = []

    def disconnect(self, ws: WebSocket):
        self.active.remove(ws)

    async def broadcast(self, message):
        for connection in self.active:
            try:
                await connection.send_json(message)  # LW123
            except Exception:
                self.disconnect(connection)
