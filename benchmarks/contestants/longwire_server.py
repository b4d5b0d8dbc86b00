"""A longwire server: what it takes in of one client, and how many clients come and go a second."""

from __future__ import annotations

import longwire
from benchmarks.contestant import Meter, invite, main


async def batches(url: str, meter: Meter) -> None:
    """Count until the client leaves, every message touched."""

    async def take(link: longwire.Link) -> None:
        meter.begin()
        count = 0
        async for batch in link.batches():
            for _message in batch:
                count += 1
            meter.count = count

    async with longwire.serve(take, "127.0.0.1", compression=None) as server:
        await invite(url, server.port)


async def one(url: str, meter: Meter) -> None:
    """Count until the client leaves."""

    async def take(link: longwire.Link) -> None:
        meter.begin()
        async for _message in link:
            meter.count += 1

    async with longwire.serve(take, "127.0.0.1", compression=None) as server:
        await invite(url, server.port)


async def visits(url: str, meter: Meter) -> None:
    """Let clients come and go."""

    async def see_off(link: longwire.Link) -> None:
        meter.count += 1
        await link.wait_closed()

    async with longwire.serve(see_off, "127.0.0.1", compression=None) as server:
        meter.begin()
        await invite(url, server.port)


if __name__ == "__main__":
    main(floods_on_asyncio=True, batches=batches, one=one, visits=visits)
