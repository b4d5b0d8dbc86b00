"""The name is imported by itself, and called in a nested coroutine."""

from time import sleep as pause

from aiohttp import ClientSession, WSMsgType


def make_reader(url, handle):
    async def reader():
        async with ClientSession() as session, session.ws_connect(url, heartbeat=20) as ws:
            async for message in ws:
                if message.type is WSMsgType.TEXT:
                    handle(message.json())
                    pause(0.01)  # LW111

    return reader
