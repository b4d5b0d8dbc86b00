"""One bare longwire link, without the client around it: in batches, or one message at a time."""

from __future__ import annotations

from benchmarks.contestant import Meter, RoundTrips, main
from longwire.link.dial import dial


async def batches(url: str, meter: Meter) -> None:
    """Count until the stream ends, every message touched."""
    link = await dial(url, compression=None)
    meter.begin()
    count = 0
    async for batch in link.batches():
        for _message in batch:
            count += 1
        meter.count = count
    await link.wait_closed()


async def one(url: str, meter: Meter) -> None:
    """Count until the stream ends."""
    link = await dial(url, compression=None)
    meter.begin()
    async for _message in link:
        meter.count += 1
    await link.wait_closed()


async def echo(url: str, trips: RoundTrips) -> None:
    """Measure round trips."""
    link = await dial(url, compression=None)
    await trips.run(link.send, link.recv)
    await link.close()


if __name__ == "__main__":
    main(batches=batches, one=one, echo=echo)
