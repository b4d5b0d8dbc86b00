"""A handler of aiohttp, and a client that takes all that its peer sends."""

import aiohttp
from aiohttp import web


async def upload(request):
    ws = web.WebSocketResponse(heartbeat=30, max_msg_size=0)  # LW142
    await ws.prepare(request)
    async for message in ws:
        request.app["store"].append(message.data)
    return ws


class Client:
    async def listen(self, url, handle):
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, heartbeat=20, max_msg_size=0) as ws,  # LW142
        ):
            async for message in ws:
                handle(message.data)
