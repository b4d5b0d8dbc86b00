"""One bare longwire link, without the client around it: in batches, or one message at a time.

The ``checked`` modes look for gaps by hand, as one would without the client's sequence check.
"""

from __future__ import annotations

from benchmarks.contestant import Meter, Mode, RoundTrips, main
from benchmarks.frames import NUMBER
from longwire.link.dial import dial


async def batches(url: str, meter: Meter) -> None:
    """Count until the stream ends, every message touched."""
    link = await dial(url, tls=meter.tls, compression=meter.compression)
    meter.begin()
    count = 0
    async for batch in link.batches():
        for _message in batch:
            count += 1
        meter.count = count
    await link.wait_closed()


async def one(url: str, meter: Meter) -> None:
    """Count until the stream ends."""
    link = await dial(url, tls=meter.tls, compression=meter.compression)
    meter.begin()
    async for _message in link:
        meter.count += 1
    await link.wait_closed()


async def checked_batches(url: str, meter: Meter) -> None:
    """As `batches`, each number compared with the last one."""
    link = await dial(url, compression=None)
    meter.begin()
    last = -1
    async for batch in link.batches():
        for message in batch:
            number = int(message[NUMBER])
            if number != last + 1:
                raise AssertionError(f"{number} came behind {last}")
            last = number
        meter.count = last + 1
    await link.wait_closed()


async def checked_one(url: str, meter: Meter) -> None:
    """As `one`, each number compared with the last one."""
    link = await dial(url, compression=None)
    meter.begin()
    last = -1
    async for message in link:
        number = int(message[NUMBER])
        if number != last + 1:
            raise AssertionError(f"{number} came behind {last}")
        last = number
        meter.count += 1
    await link.wait_closed()


async def send(url: str, meter: Meter) -> None:
    """Send as fast as the peer takes it."""
    link = await dial(url, compression=None)
    meter.begin()
    payload = meter.payload
    while not meter.over:
        await link.send(payload)
        meter.count += 1
    await link.close()


async def visits(url: str, meter: Meter) -> None:
    """Open and close, again and again."""
    while meter.goes_on():
        link = await dial(url, compression=None)
        await link.close()
        meter.count += 1


async def echo(url: str, trips: RoundTrips) -> None:
    """Measure round trips."""
    link = await dial(url, compression=None)
    await trips.run(link.send, link.recv)
    await link.close()


if __name__ == "__main__":
    modes: dict[str, Mode] = {
        "batches": batches,
        "one": one,
        "checked-batches": checked_batches,
        "checked-one": checked_one,
        "send": send,
        "visits": visits,
        "echo": echo,
    }
    main(floods_on_asyncio=True, **modes)
