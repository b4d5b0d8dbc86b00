"""The longwire client: inline or isolated, in batches or one by one, and with everything on.

``retry=None`` lets the iteration end with the stream; the supervisor works all the same.
"""

from __future__ import annotations

import asyncio
from functools import partial

import longwire
from benchmarks.contestant import Meter, Mode, RoundTrips, main


async def batches(url: str, meter: Meter, *, isolate: bool) -> None:
    """Count until the stream ends, every message touched."""
    async with longwire.connect(url, isolate=isolate, compression=None, retry=None) as client:
        meter.begin()
        count = 0
        async for batch in client.batches():
            for _message in batch:
                count += 1
            meter.count = count


async def one(url: str, meter: Meter, *, isolate: bool) -> None:
    """Count until the stream ends."""
    async with longwire.connect(url, isolate=isolate, compression=None, retry=None) as client:
        meter.begin()
        async for _message in client:
            meter.count += 1


async def echo(url: str, trips: RoundTrips, *, isolate: bool) -> None:
    """Measure round trips."""
    async with longwire.connect(url, isolate=isolate, compression=None, retry=None) as client:
        await trips.run(client.send, client.recv)


def _number(message: longwire.Data) -> int:
    return int(message[:8])


def _connect_full(url: str) -> longwire.Client:
    return longwire.connect(
        url,
        isolate=False,
        compression=None,
        retry=None,
        heartbeat=longwire.Heartbeat(every=0.5, within=5.0),
        sequence=longwire.Sequence(number=_number),
    )


async def _watch(client: longwire.Client) -> None:
    """Ask for the statistics ten times a second, as a dashboard would."""
    while True:
        client.stats()
        await asyncio.sleep(0.1)


async def full_batches(url: str, meter: Meter) -> None:
    """As `batches`, with heartbeat, sequence check and statistics."""
    async with _connect_full(url) as client, asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(_watch(client))
        meter.begin()
        count = 0
        async for batch in client.batches():
            for _message in batch:
                count += 1
            meter.count = count
        watch.cancel()


async def full_one(url: str, meter: Meter) -> None:
    """As `one`, with heartbeat, sequence check and statistics."""
    async with _connect_full(url) as client, asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(_watch(client))
        meter.begin()
        async for _message in client:
            meter.count += 1
        watch.cancel()


MODES: dict[str, Mode] = {
    "inline-batches": partial(batches, isolate=False),
    "inline-one": partial(one, isolate=False),
    "inline-echo": partial(echo, isolate=False),
    "isolated-batches": partial(batches, isolate=True),
    "isolated-one": partial(one, isolate=True),
    "isolated-echo": partial(echo, isolate=True),
    "full-batches": full_batches,
    "full-one": full_one,
}

if __name__ == "__main__":
    main(floods_on_asyncio=True, **MODES)
