"""picows.websockets: the interface of websockets, its reconnecting iterator included.

Its documentation: https://picows.readthedocs.io/en/stable/websockets.html
"""

from __future__ import annotations

import asyncio

from picows.websockets.asyncio.client import connect
from picows.websockets.exceptions import ConnectionClosed

from scoreboard.clients.telling import EVERY, WITHIN, arguments, block, take, tell


async def main() -> None:
    """Receive for ever."""
    given = arguments()
    async for websocket in connect(given.url, ping_interval=EVERY, ping_timeout=WITHIN):
        try:
            tell("up")
            if given.subscribe is not None:
                await websocket.send(given.subscribe)
            async for message in websocket:
                work = take(message)
                block(work)
                if work.wait:
                    await asyncio.sleep(work.wait)
        except ConnectionClosed as error:
            tell("error", what=type(error).__name__)
        tell("down")


if __name__ == "__main__":
    asyncio.run(main())
