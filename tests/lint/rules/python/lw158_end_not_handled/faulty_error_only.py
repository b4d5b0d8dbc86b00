"""It leaves for an error, and for a close that the server has sent: not for a lost network."""

import logging

from aiohttp import ClientSession, WSMsgType

log = logging.getLogger(__name__)


async def follow(url, handle):
    async with ClientSession() as session, session.ws_connect(url, heartbeat=20) as ws:
        await ws.send_json({"op": "subscribe", "topic": "news"})
        while True:
            message = await ws.receive()  # LW158
            if message.type is WSMsgType.ERROR:
                log.error("%s", ws)
                break
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING):
                break
            if message.type is not WSMsgType.TEXT:
                continue
            handle(message.json())
