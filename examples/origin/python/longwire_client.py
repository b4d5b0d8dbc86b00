"""The same program with longwire: ``python -m examples.origin.python.longwire_client URL``."""

from __future__ import annotations

import asyncio
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
        async for event in client.events():
            match event:
                case longwire.Message(data=bytes(chunk)):
                    if place.take(chunk):
                        await asyncio.sleep(WORK)
                        await client.send(place.request())
                case longwire.Message(data=text):
                    print("connected:", ascii(text), flush=True)
                case longwire.Interrupted(interruption=interruption):
                    cause = interruption.cause
                    print(f"interrupted: {cause.id}: {cause.title}", flush=True)
                case longwire.Recovered(interruption=interruption):
                    print(f"recovered after {interruption.attempts} attempts", flush=True)


async def main(url: str) -> None:
    place = Place()
    async with asyncio.TaskGroup() as both:
        both.create_task(report(place))
        both.create_task(receive(url, place))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
