"""The first messages are lost, and the others come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, PING
from longwire.testing import openings
from longwire.testing.rawlink import message_frame
from tests.chaos.faults.crossed import (
    LARGE,
    another,
    crossed,
    ping,
    received,
    refuses,
    say,
    say_in_fragments,
)

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_a_greeting_is_lost_on_each_connection(feed: NumberedFeed) -> None:
    """Though it comes with the answer to the opening; pings are not counted."""
    feed.opening = openings.accept_with({}, early=message_frame("greeting"))
    async with crossed(feed, "lose-first") as (client, proxy, link):
        ping(link)
        say(link, "first", "second")
        assert await client.texts(3) == ["mark", "first", "second"]
        async with another(proxy, feed) as (other, its_link):
            say(its_link, "first")
            assert await other.texts(1) == ["first"]


async def test_messages_are_counted_not_frames(feed: NumberedFeed) -> None:
    """One in fragments is one, and so is one that is too long to be kept."""
    async with crossed(feed, "lose-first n=2") as (client, _, link):
        say_in_fragments(link, b"a", b"b", b"c")
        say(link, bytes(LARGE), opcode=BINARY)
        say(link, "third")
        assert await client.texts(1) == ["third"]


async def test_what_a_client_says_first(feed: NumberedFeed) -> None:
    """The same in the other direction."""
    async with crossed(feed, "lose-first direction=c2s") as (client, _, link):
        client.send(b"p", PING)
        client.send(b"subscribe")
        client.send(b"again")
        assert [one.payload for one in await received(link, 2)] == [b"p", b"again"]


def test_what_makes_no_sense() -> None:
    """None is lost without it."""
    refuses("lose-first n=0", "n must be at least 1")
