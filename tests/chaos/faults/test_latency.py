"""Everything comes later, in order, and at the rate at which it was sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.chaos.faults.crossed import answered, crossed, over, received, refuses, say, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

LATE = 0.1


@pytest.mark.parametrize("direction", ["c2s", "s2c"])
async def test_so_much_later(feed: NumberedFeed, direction: str) -> None:
    """In order, in the direction that it works in."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike(f"latency seconds={LATE} jitter=0.05 direction={direction}")
        began = asyncio.get_running_loop().time()
        texts = [str(number) for number in range(20)]
        if direction == "s2c":
            for text in texts:
                say(link, text)
            assert await client.texts(20) == texts
        else:
            for text in texts:
                client.send(text.encode())
            assert [one.payload.decode() for one in await received(link, 20)] == texts
        assert asyncio.get_running_loop().time() - began >= LATE


async def test_there_and_back(feed: NumberedFeed) -> None:
    """By default both ways are late, so a ping takes twice as long."""
    async with crossed(feed) as (client, proxy, _):
        proxy.strike(f"latency seconds={LATE}")
        began = asyncio.get_running_loop().time()
        await answered(client)
        assert asyncio.get_running_loop().time() - began >= 2 * LATE


async def test_the_end_is_late_as_well(feed: NumberedFeed) -> None:
    """FIN takes as long as anything else, with nothing in front of it."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike(f"latency seconds={LATE} direction=s2c")
        began = asyncio.get_running_loop().time()
        link.end()
        assert await client.ending() == "fin"
        assert asyncio.get_running_loop().time() - began >= LATE
        client.writer.close()
        await over(proxy)


async def test_at_its_end_what_waits_goes_on_at_once(feed: NumberedFeed) -> None:
    """An hour is over with the fault, for what waits and for what comes."""
    async with crossed(feed) as (client, proxy, link):
        order = proxy.strike("latency seconds=1h direction=s2c")
        proxy.strike("noop after='1 frames'")
        say(link, "waits")
        await until(proxy, "strikes", fault="noop")
        proxy.end(order)
        assert await client.texts(1) == ["waits"]
        await answered(client)


def test_what_makes_no_sense() -> None:
    """Nothing comes before it was sent."""
    refuses("latency seconds=-1", "no amount")
    refuses("latency jitter=soon", "no amount")
