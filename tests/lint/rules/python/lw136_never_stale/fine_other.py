"""Ages of other things."""

import time

import websockets


class Cache:
    def __init__(self, ws: websockets.ClientConnection):
        self.ws = ws
        self.token_made = None

    async def refresh(self, entry):
        if self.token_made and time.time() - self.token_made > 3600:
            await self.ws.send("login")
        if entry and time.time() - entry.time > 5:
            return None
        return entry
