"""The same program without the mistakes: ``python -m examples.origin.python.cured URL``.

It shows what a careful program on `websockets` has to do for itself.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from examples.origin.python.importer import Importer

FIRST_DELAY: Final = 0.1
LONGEST_DELAY: Final = 10.0
HEARTBEAT: Final = 0.5
"""Seconds between two pings, and for the pong; so short because the example is."""


async def read(link: ClientConnection, importer: Importer) -> None:
    while True:
        # Every end raises here, a normal one too, and nobody hides it.
        message = await link.recv()
        if isinstance(message, bytes):
            importer.arrived(message)


async def write(link: ClientConnection, requests: asyncio.Queue[str]) -> None:
    while True:
        await link.send(await requests.get())


async def attend(url: str, importer: Importer, requests: asyncio.Queue[str]) -> None:
    """One connection, from its opening to its end, which raises."""
    async with connect(
        url, ping_interval=HEARTBEAT, ping_timeout=HEARTBEAT, close_timeout=HEARTBEAT
    ) as link:
        print("connected:", ascii(await asyncio.wait_for(link.recv(), 10)), flush=True)
        importer.connected()
        # The first of both to fail ends the other.
        async with asyncio.TaskGroup() as both:
            both.create_task(read(link, importer))
            both.create_task(write(link, requests))


async def main(url: str) -> None:
    loop = asyncio.get_running_loop()
    requests: asyncio.Queue[str] = asyncio.Queue()
    importer = Importer(lambda text: loop.call_soon_threadsafe(requests.put_nowait, text))
    importer.start()
    delay = FIRST_DELAY
    while True:
        began = loop.time()
        try:
            await attend(url, importer, requests)
        except* (ConnectionClosed, InvalidHandshake, OSError) as ends:
            for end in ends.exceptions:
                print(f"lost: {type(end).__name__}: {str(end)!a}", flush=True)
        if loop.time() - began > LONGEST_DELAY:
            delay = FIRST_DELAY
        await asyncio.sleep(delay)
        delay = min(2 * delay, LONGEST_DELAY)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
