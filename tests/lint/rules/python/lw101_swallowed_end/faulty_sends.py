"""Handlers that send, and swallow that error as well."""

import json

import websockets


class Session:
    def __init__(self, ws: websockets.ServerConnection, handle):
        self.ws = ws
        self.handle = handle

    async def run(self):
        while True:
            try:
                await self.handle(json.loads(await self.ws.recv()))
            except Exception as error:  # LW101
                try:
                    await self.ws.send(json.dumps({"error": str(error)}))
                except Exception:
                    print("not even that")
