"""The same program with longwire: ``python -m examples.origin.python.longwire_client URL``.

What it says of interruptions is longwire's log; no line of the program asks for it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Final

import longwire
from examples.origin.pages import Place
from examples.origin.python.importer import REPORT, WORK

HEARTBEAT: Final = longwire.Heartbeat(every=0.5, within=0.5)
"""So short because the example is."""


async def report(place: Place) -> None:
    while True:
        await asyncio.sleep(REPORT)
        print(place, flush=True)


async def receive(url: str, place: Place) -> None:
    # Asked at each attempt: every link begins with a request for what is missing.
    async with longwire.connect(
        url, subscribe=lambda: [place.request()], heartbeat=HEARTBEAT
    ) as client:
        async for message in client:
            if isinstance(message, bytes) and place.take(message):
                await asyncio.sleep(WORK)
                await client.send(place.request())


async def main(url: str) -> None:
    place = Place()
    async with asyncio.TaskGroup() as both:
        both.create_task(report(place))
        both.create_task(receive(url, place))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asyncio.run(main(sys.argv[1]))
