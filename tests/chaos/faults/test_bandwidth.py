"""So many bytes a second, in order, and no faster."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from longwire.chaos.frames import BINARY
from tests.chaos.faults.crossed import answered, crossed, received, refuses, say, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

RATE = 100_000
SIZE = 10_000


@pytest.mark.parametrize("direction", ["c2s", "s2c"])
async def test_bytes_take_their_time(feed: NumberedFeed, direction: str) -> None:
    """What fills a tenth of a second arrives whole, and not before that."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike(f"bandwidth rate={RATE} direction={direction}")
        began = asyncio.get_running_loop().time()
        if direction == "s2c":
            say(link, bytes(SIZE), opcode=BINARY)
            frame = await client.frame()
        else:
            client.send(bytes(SIZE), BINARY)
            (frame,) = await received(link, 1)
        assert asyncio.get_running_loop().time() - began >= SIZE / RATE
        assert frame.payload == bytes(SIZE)


async def test_the_other_direction_is_as_fast_as_ever(feed: NumberedFeed) -> None:
    """While one is choked for hours, messages pass in the other."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike("bandwidth rate=1 direction=c2s")
        client.send(bytes(SIZE), BINARY)
        feed.emit(5)
        assert len(await client.texts(5)) == 5
        assert link.frames == []


async def test_the_sender_is_held_back(feed: NumberedFeed) -> None:
    """What waits in the proxy is bounded: TCP stops a server that sends without end."""
    async with crossed(feed) as (_, proxy, link):
        proxy.strike("bandwidth rate=1000 direction=s2c")
        while link.writable:
            say(link, bytes(2**16), opcode=BINARY)
            await asyncio.sleep(0)
        (crossing,) = proxy.crossings
        lane = crossing.lanes["s2c"]
        assert lane.line.waiting < 2**21


async def test_at_its_end_what_waits_goes_on_at_once(feed: NumberedFeed) -> None:
    """Hours of delay are over with the fault that made them."""
    async with crossed(feed) as (client, proxy, link):
        order = proxy.strike("bandwidth rate=1")
        say(link, bytes(SIZE), "behind it", opcode=BINARY)
        proxy.end(order)
        await until(proxy, "ends", fault="bandwidth")
        assert [len(one.payload) for one in await client.frames(2)] == [SIZE, 9]
        await answered(client)


def test_what_makes_no_sense() -> None:
    """A rate of nothing would be another fault."""
    refuses("bandwidth rate=0", "rate must be at least 1")
    refuses("bandwidth rate=fast", "no amount")
