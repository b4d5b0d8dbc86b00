"""A server's handler, with a match statement."""

from aiohttp import WSMsgType, web


async def handler(request):
    ws = web.WebSocketResponse(heartbeat=30)
    await ws.prepare(request)
    while True:
        message = await ws.receive()  # LW158
        match message.type:
            case WSMsgType.TEXT:
                await ws.send_str(message.data.upper())
            case WSMsgType.BINARY:
                await ws.send_bytes(message.data)
            case WSMsgType.PING:
                await ws.pong(message.data)
