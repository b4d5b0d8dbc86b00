"""The payload is handed on."""

import aiohttp
import websocket


def on_ping(app: websocket.WebSocketApp, payload):
    app.sock.pong(payload)


async def follow(session: aiohttp.ClientSession, url):
    async with session.ws_connect(url, autoping=False, heartbeat=20) as ws:
        async for message in ws:
            if message.type == aiohttp.WSMsgType.PING:
                await ws.pong(message.data)
