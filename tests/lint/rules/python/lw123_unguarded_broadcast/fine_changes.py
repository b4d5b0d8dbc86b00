"""The dead are taken out behind the loop, or of a copy, or the loop ends there."""

from fastapi import WebSocket


class Manager:
    def __init__(self):
        self.active: list[WebSocket] = []
        self.rooms: dict[str, set[WebSocket]] = {}

    async def by_copy(self, message):
        for connection in self.active[:]:
            try:
                await connection.send_json(message)
            except Exception:
                self.active.remove(connection)

    async def behind(self, room, message):
        dead = set()
        for connection in self.rooms[room]:
            try:
                await connection.send_json(message)
            except Exception:
                dead.add(connection)
        for connection in dead:
            self.rooms[room].discard(connection)

    async def first(self, message):
        for connection in self.active:
            try:
                await connection.send_json(message)
            except Exception:
                self.active.remove(connection)
                break
