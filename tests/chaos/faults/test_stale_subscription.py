"""The first connection hears, and those behind it are deaf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import PING
from tests.chaos.faults.crossed import another, answered, crossed, ping, refuses, say, shown

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_the_second_is_deaf_and_alive(feed: NumberedFeed) -> None:
    """Pings go to and fro, what it says arrives; the first hears as ever."""
    async with crossed(feed, "stale-subscription") as (client, proxy, first):
        async with another(proxy, feed) as (deaf, link):
            say(link, "lost")
            ping(link)
            assert shown([await deaf.frame()]) == [(PING, b"mark", True)]
            await answered(deaf)
            deaf.send(b"subscribe")
            assert await link.wait_message() == "subscribe"
        say(first, "heard")
        assert await client.texts(1) == ["heard"]


async def test_a_later_one_is_well_again(feed: NumberedFeed) -> None:
    """From the one that is named on; or from when the fault is over."""
    async with crossed(feed, "stale-subscription until=3") as (_, proxy, _):
        async with another(proxy, feed, 2) as (deaf, link):
            say(link, "lost")
            ping(link)
            assert (await deaf.frame()).opcode == PING
            async with another(proxy, feed, 3) as (well, other):
                say(other, "heard")
                assert await well.texts(1) == ["heard"]
            proxy.end(1)
            say(link, "heard")
            assert await deaf.texts(1) == ["heard"]


def test_what_makes_no_sense() -> None:
    """With two, none would be deaf."""
    refuses("stale-subscription until=2", "until must be 0, or at least 3")
    refuses("stale-subscription until=-1", "until must be 0, or at least 3")
