"""The receive and the send are helpers of the same class."""

import asyncio

from fastapi import WebSocket


class Session:
    def __init__(self, websocket: WebSocket):
        self.websocket = websocket
        self.io = asyncio.Lock()

    async def _next(self):
        return await self.websocket.receive_json()

    async def _answer(self, answer):
        await self.websocket.send_json(answer)

    async def run(self):
        while True:
            async with self.io:  # LW125
                request = await self._next()
            await self.answer(request)

    async def answer(self, request):
        async with self.io:
            await self._answer({"answer": request})
