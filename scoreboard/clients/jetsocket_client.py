"""jetsocket: ``async with WebSocket(...)``, which reconnects by itself.

Its documentation: https://pypi.org/project/jetsocket/
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from jetsocket import BackoffConfig, HeartbeatConfig, WebSocket

from scoreboard.clients.telling import EVERY, STABLE, arguments, block, take, tell

WITHIN = EVERY * 0.8
"""The library demands that the patience is less than the interval."""


async def main() -> None:
    """Receive until the iteration ends."""
    given = arguments()
    websocket: Any = WebSocket(
        given.url,
        reconnect=True,
        backoff=BackoffConfig(reset_after=STABLE),
        heartbeat=HeartbeatConfig(interval=EVERY, timeout=WITHIN),
    )

    async def opened(_event: object) -> None:
        tell("up")
        if given.subscribe is not None:
            await websocket.send_raw(given.subscribe.encode(), binary=False)

    websocket.on("connected")(opened)
    websocket.on("disconnected")(lambda _event: tell("down"))
    websocket.on("error")(lambda event: tell("error", what=type(event.error).__name__))
    async with websocket:
        async for message in websocket:
            # It has read the JSON already; a text that is none comes as it is.
            work = take(json.dumps(message) if isinstance(message, dict) else message)
            block(work)
            if work.wait:
                await asyncio.sleep(work.wait)


if __name__ == "__main__":
    asyncio.run(main())
