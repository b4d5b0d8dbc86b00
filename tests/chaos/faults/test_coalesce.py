"""Nothing for a while, and then all of it in one piece."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from longwire.chaos.frames import FrameReader
from tests.chaos.faults.crossed import answered, crossed, received, refuses, say, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_what_comes_apart_goes_on_together(feed: NumberedFeed) -> None:
    """Frames that were written one by one arrive with one read, in order."""
    async with crossed(feed) as (client, proxy, link):
        order = proxy.strike("coalesce seconds=1h")
        proxy.strike("noop after='5 frames'")
        for number in range(5):
            say(link, str(number))
            await asyncio.sleep(0)
        await until(proxy, "strikes", fault="noop")
        proxy.end(order)
        raw = await client.reader.read(2**16)
        assert [one.payload for one in FrameReader().feed(raw)] == [b"0", b"1", b"2", b"3", b"4"]


async def test_not_before_its_moment(feed: NumberedFeed) -> None:
    """So far apart are the pieces, counted from when it strikes."""
    async with crossed(feed) as (client, proxy, link):
        began = asyncio.get_running_loop().time()
        proxy.strike("coalesce seconds=0.1")
        say(link, "held")
        assert await client.texts(1) == ["held"]
        assert asyncio.get_running_loop().time() - began >= 0.1


@pytest.mark.parametrize("direction", ["c2s", "s2c"])
async def test_at_its_end_what_waits_goes_on_at_once(feed: NumberedFeed, direction: str) -> None:
    """A minute is over with the fault."""
    async with crossed(feed) as (client, proxy, link):
        order = proxy.strike(f"coalesce seconds=1min direction={direction}")
        proxy.strike(f"noop after='1 frames' direction={direction}")
        if direction == "s2c":
            say(link, "held")
        else:
            client.send(b"held")
        await until(proxy, "strikes", fault="noop")
        proxy.end(order)
        await until(proxy, "ends", fault="coalesce")
        frame = await client.frame() if direction == "s2c" else (await received(link, 1))[0]
        assert frame.payload == b"held"
        await answered(client)


async def test_the_end_comes_behind_what_waits(feed: NumberedFeed) -> None:
    """FIN does not overtake it, and nothing is lost."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike("coalesce seconds=0.1")
        say(link, "last", "words")
        link.end()
        assert await client.ending() == "fin"
        assert [one.payload for one in client.rest()] == [b"last", b"words"]


def test_what_makes_no_sense() -> None:
    """There must be time between two pieces."""
    refuses("coalesce seconds=0", "seconds must be more than 0")
