"""Who ends fails what is left."""

import asyncio
import json

import websockets


class Client:
    def __init__(self, ws: websockets.WebSocketClientProtocol):
        self.ws = ws
        self.pending = {}

    async def call(self, number, request):
        future = self.pending[number] = asyncio.get_running_loop().create_future()
        await self.ws.send(json.dumps(request))
        return await future

    async def read(self):
        try:
            async for message in self.ws:
                answer = json.loads(message)
                self.pending.pop(answer["id"]).set_result(answer)
        finally:
            self._fail(ConnectionError("the connection has ended"))

    def _fail(self, error):
        while self.pending:
            _, future = self.pending.popitem()
            if not future.done():
                future.set_exception(error)
