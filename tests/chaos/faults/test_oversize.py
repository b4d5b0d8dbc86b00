"""One huge message comes, in front of the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import CONT, PING, TEXT, frame
from tests.chaos.faults.crossed import (
    another,
    crossed,
    ping,
    received,
    refuses,
    say,
    say_in_fragments,
    shown,
)

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

SIZE = 3 * 2**20


async def test_it_comes_once_on_each_connection(feed: NumberedFeed) -> None:
    """Whole, and then what was to come; a ping is not what it waits for."""
    async with crossed(feed, f"oversize size={SIZE}") as (client, proxy, link):
        ping(link)
        assert shown([await client.frame()]) == [(PING, b"mark", True)]
        say(link, "first", "second")
        huge, *rest = await client.frames(3)
        assert shown([huge]) == [(TEXT, b"x" * SIZE, True)]
        assert [one.payload for one in rest] == [b"first", b"second"]
        async with another(proxy, feed) as (second, its_link):
            say(its_link, "first")
            assert len((await second.frame()).payload) == SIZE


async def test_not_between_fragments(feed: NumberedFeed) -> None:
    """In front of the first, where a message may stand; and never in the midst of another."""
    async with crossed(feed) as (client, proxy, link):
        link.write(frame(TEXT, b"begun", fin=False))
        assert shown([await client.frame()]) == [(TEXT, b"begun", False)]
        proxy.strike("oversize size=3")
        link.write(frame(CONT, b"ended"))
        say_in_fragments(link, b"a", b"b")
        assert shown(await client.frames(4)) == [
            (CONT, b"ended", True),
            (TEXT, b"xxx", True),
            (TEXT, b"a", False),
            (CONT, b"b", True),
        ]


async def test_from_the_client(feed: NumberedFeed) -> None:
    """Masked, as a client's frames are."""
    async with crossed(feed, "oversize size=70000 direction=c2s") as (client, _, link):
        client.send(b"small")
        huge, small = await received(link, 2)
        assert huge.masked
        assert huge.payload == b"x" * 70_000
        assert small.payload == b"small"


def test_what_makes_no_sense() -> None:
    """Nothing is not huge, and what no memory holds cannot be made."""
    refuses("oversize size=0", "size must be from 1 to 1073741824")
    refuses("oversize size=2000MiB", "size must be from 1 to 1073741824")
