"""tornado, and a server of aiohttp."""

from aiohttp import web
from tornado.websocket import websocket_connect


async def follow(url, handle):
    connection = await websocket_connect(url)  # LW131
    while True:
        message = await connection.read_message()
        if message is None:
            break
        handle(message)


async def handler(request):
    ws = web.WebSocketResponse()  # LW131
    await ws.prepare(request)
    async for message in ws:
        await ws.send_str(message.data)
    return ws
