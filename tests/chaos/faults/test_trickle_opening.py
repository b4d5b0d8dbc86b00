"""The answer to the opening comes late and bit by bit, and what follows does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos import Proxy
from longwire.testing import openings
from tests.chaos.faults.crossed import another, answered, refuses, until
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_the_head_takes_its_time(feed: NumberedFeed) -> None:
    """The wait, and the gaps between its pieces; the frames behind it come whole."""
    strike = "trickle-opening wait=0.05 size=20 gap=0.02"
    async with Proxy(feed.url, [strike]) as proxy:
        began = asyncio.get_running_loop().time()
        async with RawClient(proxy.url) as client:
            await client.open()
            pieces = -(-len(client.head) // 20)
            assert asyncio.get_running_loop().time() - began >= 0.05 + 0.02 * (pieces - 1)
            await feed.link()
            feed.emit(3)
            assert len(await client.texts(3)) == 3
            await answered(client)


async def test_at_its_end_the_rest_comes_at_once(feed: NumberedFeed) -> None:
    """Hours are over with the fault; the next connection is not concerned."""
    async with Proxy(feed.url, ["trickle-opening gap=1h"]) as proxy:
        async with RawClient(proxy.url) as client:
            await until(proxy, "opens", crossing=1)
            proxy.end(1)
            await client.open()
            await answered(client)
        async with another(proxy, feed) as (second, _):
            await answered(second)


async def test_a_refusal_trickles_as_well(feed: NumberedFeed) -> None:
    """Whatever the server answers."""
    feed.opening = openings.reject(404)
    async with Proxy(feed.url, ["trickle-opening size=10 gap=0"]) as proxy:
        async with RawClient(proxy.url) as client:
            await client.open()
            assert client.head.startswith(b"HTTP/1.1 404 ")
            assert await client.ending() == "fin"


def test_what_makes_no_sense() -> None:
    """Pieces of nothing would never end."""
    refuses("trickle-opening size=0", "size must be at least 1")
    refuses("trickle-opening wait=-1", "no amount")
