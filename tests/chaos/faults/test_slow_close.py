"""The end of TCP is passed on late, and what comes before it is not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.chaos.faults.crossed import crossed, over, refuses, say, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

LATE = 0.2


async def test_data_at_once_and_fin_late(feed: NumberedFeed) -> None:
    """The client hears the last word at once, and of the end so much later."""
    async with crossed(feed, f"slow-close seconds={LATE}") as (client, proxy, link):
        began = asyncio.get_running_loop().time()
        say(link, "bye")
        link.end()
        assert await client.texts(1) == ["bye"]
        assert await client.ending() == "fin"
        assert asyncio.get_running_loop().time() - began >= LATE
        client.writer.close()
        await over(proxy)


async def test_a_reset_is_late_as_well(feed: NumberedFeed) -> None:
    """It stays a reset."""
    async with crossed(feed, f"slow-close seconds={LATE}") as (client, _, link):
        began = asyncio.get_running_loop().time()
        link.reset()
        assert await client.ending() == "reset"
        assert asyncio.get_running_loop().time() - began >= LATE


async def test_the_client_can_go_on_talking_until_it_knows(feed: NumberedFeed) -> None:
    """The other direction is as it was; the client's own end is passed on at once."""
    async with crossed(feed, "slow-close seconds=1h") as (client, _, link):
        client.send(b"hello")
        assert await link.wait_message() == "hello"
        client.writer.write_eof()
        await link.wait_ended()


async def test_once_it_is_over_an_end_is_passed_on_at_once(feed: NumberedFeed) -> None:
    """For ends that come after it."""
    async with crossed(feed, "slow-close seconds=1h lasting='1 messages'") as (client, proxy, link):
        say(link, "x")
        await until(proxy, "ends", fault="slow-close")
        link.end()
        assert await client.ending() == "fin"


def test_what_makes_no_sense() -> None:
    """Slow is slower than at once."""
    refuses("slow-close seconds=0", "seconds must be more than 0")
