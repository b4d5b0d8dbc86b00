"""aiohttp: the documented loop over messages, in the usual ``while True`` around it.

aiohttp does not reconnect by itself. Its documentation:
https://docs.aiohttp.org/en/stable/client_quickstart.html#websockets
"""

from __future__ import annotations

import asyncio

import aiohttp

from scoreboard.clients.telling import EVERY, SILENCE, arguments, block, take, tell

PAUSE = 1.0
"""Seconds between two attempts, a usual choice; aiohttp has no say in it."""
TIMEOUT = aiohttp.ClientWSTimeout(ws_receive=SILENCE, ws_close=10.0)
"""Ten seconds are what it has for a close by default. A pong is something received, too: the bound
for silence begins anew with each, so beside a heartbeat it tells only of what that tells, too."""


async def receive(session: aiohttp.ClientSession, url: str, subscribe: str | None) -> None:
    """Receive until the connection ends."""
    # The patience for a pong is half of the heartbeat, and not to be set.
    async with session.ws_connect(url, heartbeat=EVERY, timeout=TIMEOUT) as websocket:
        tell("up")
        if subscribe is not None:
            await websocket.send_str(subscribe)
        async for message in websocket:
            if message.type is aiohttp.WSMsgType.TEXT:
                work = take(message.data)
                block(work)
                if work.wait:
                    await asyncio.sleep(work.wait)
            elif message.type is aiohttp.WSMsgType.ERROR:
                break
        # The loop ends without an exception, whatever has ended the connection.
        tell("down")


async def main() -> None:
    """Receive for ever."""
    given = arguments()
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                await receive(session, given.url, given.subscribe)
            except (aiohttp.ClientError, TimeoutError) as error:
                tell("error", what=type(error).__name__)
            await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    asyncio.run(main())
