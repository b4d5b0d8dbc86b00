"""An aiohttp server that keeps its connections in the application."""

import asyncio

from aiohttp import WSMsgType, web


class Board:
    def __init__(self):
        self.sockets = []
        self.scores: asyncio.Queue = asyncio.Queue()

    async def attend(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(heartbeat=20)
        await ws.prepare(request)
        self.sockets.append(ws)
        async for message in ws:
            if message.type == WSMsgType.TEXT:
                await self.scores.put(message.data)
        self.sockets.remove(ws)
        return ws

    async def publish(self):
        while True:
            score = await self.scores.get()
            for ws in self.sockets:
                if not ws.closed:
                    await ws.send_str(score)  # LW123

    async def stop(self):
        for ws in self.sockets:
            await ws.send_json({"type": "bye"})  # LW123
            await ws.close()
