"""A ping of the program's own protocol: its answer is whatever that says."""

import enum

import aiohttp


class MessageType(enum.Enum):
    PING = "ping"
    RESULT = "result"


class Chat:
    def __init__(self, api, ws: aiohttp.ClientWebSocketResponse):
        self.api = api
        self.ws = ws

    async def handle(self, kind):
        if kind == MessageType.PING:
            self.api.send_pong()
        elif kind == MessageType.RESULT:
            await self.ws.send_json({"msg": "thanks"})
