"""The longwire client: inline or isolated, in batches or one by one, and with everything on.

Everything is the supervisor, a heartbeat, the sequence check and statistics. The number is named as
a JSON field, or asked of a Python function. ``retry=None`` lets the iteration end with the stream;
the supervisor works all the same.
"""

from __future__ import annotations

import asyncio
from functools import partial

import longwire
from benchmarks.contestant import Meter, Mode, RoundTrips, main
from benchmarks.frames import NUMBER


async def batches(url: str, meter: Meter, *, isolate: bool) -> None:
    """Count until the stream ends, every message touched."""
    async with longwire.connect(
        url, isolate=isolate, tls=meter.tls, compression=meter.compression, retry=None
    ) as client:
        meter.begin()
        count = 0
        async for batch in client.batches():
            for _message in batch:
                count += 1
            meter.count = count


async def one(url: str, meter: Meter, *, isolate: bool) -> None:
    """Count until the stream ends."""
    async with longwire.connect(
        url, isolate=isolate, tls=meter.tls, compression=meter.compression, retry=None
    ) as client:
        meter.begin()
        async for _message in client:
            meter.count += 1


async def send(url: str, meter: Meter, *, isolate: bool) -> None:
    """Send as fast as the peer takes it."""
    async with longwire.connect(url, isolate=isolate, compression=None, retry=None) as client:
        meter.begin()
        payload = meter.payload
        while not meter.over:
            await client.send(payload)
            meter.count += 1


async def visits(url: str, meter: Meter, *, isolate: bool) -> None:
    """Open and close, again and again."""
    while meter.goes_on():
        async with longwire.connect(url, isolate=isolate, compression=None) as client:
            await client.wait_live()
        meter.count += 1


async def echo(url: str, trips: RoundTrips, *, isolate: bool) -> None:
    """Measure round trips."""
    async with longwire.connect(url, isolate=isolate, compression=None, retry=None) as client:
        await trips.run(client.send, client.recv)


def number_of(message: longwire.Data) -> int:
    """A number function of a user's own."""
    return int(message[NUMBER])


def _connect_full(url: str, sequence: longwire.Sequence) -> longwire.Client:
    return longwire.connect(
        url,
        isolate=False,
        compression=None,
        retry=None,
        heartbeat=longwire.Heartbeat(every=0.5, within=5.0),
        sequence=sequence,
    )


async def _watch(client: longwire.Client) -> None:
    """Ask for the statistics ten times a second, as a dashboard would."""
    while True:
        client.stats()
        await asyncio.sleep(0.1)


async def full_batches(url: str, meter: Meter, *, sequence: longwire.Sequence) -> None:
    """As `batches`, with heartbeat, sequence check and statistics."""
    async with _connect_full(url, sequence) as client, asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(_watch(client))
        meter.begin()
        count = 0
        async for batch in client.batches():
            for _message in batch:
                count += 1
            meter.count = count
        watch.cancel()


async def full_one(url: str, meter: Meter, *, sequence: longwire.Sequence) -> None:
    """As `one`, with heartbeat, sequence check and statistics."""
    async with _connect_full(url, sequence) as client, asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(_watch(client))
        meter.begin()
        async for _message in client:
            meter.count += 1
        watch.cancel()


MODES: dict[str, Mode] = {
    "inline-batches": partial(batches, isolate=False),
    "inline-one": partial(one, isolate=False),
    "inline-send": partial(send, isolate=False),
    "inline-visits": partial(visits, isolate=False),
    "inline-echo": partial(echo, isolate=False),
    "isolated-batches": partial(batches, isolate=True),
    "isolated-one": partial(one, isolate=True),
    "isolated-send": partial(send, isolate=True),
    "isolated-visits": partial(visits, isolate=True),
    "isolated-echo": partial(echo, isolate=True),
    "full-batches": partial(full_batches, sequence=longwire.Sequence("n")),
    "full-one": partial(full_one, sequence=longwire.Sequence("n")),
    "asking-batches": partial(full_batches, sequence=longwire.Sequence(number_of)),
    "asking-one": partial(full_one, sequence=longwire.Sequence(number_of)),
}

if __name__ == "__main__":
    main(floods_on_asyncio=True, **MODES)
