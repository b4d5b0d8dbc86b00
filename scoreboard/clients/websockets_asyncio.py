"""websockets: the reconnecting iterator, ``async for websocket in connect(...)``.

Its documentation: https://websockets.readthedocs.io/en/stable/reference/asyncio/client.html
"""

from __future__ import annotations

import asyncio

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

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
