"""A message begins and does not end, while pings are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, CONT, PING, TEXT, frame
from longwire.testing import DEFLATE_HEADERS, openings
from tests.chaos.faults.crossed import (
    DEFLATE,
    LARGE,
    answered,
    crossed,
    deflated,
    inflated,
    ping,
    received,
    say,
    say_in_fragments,
    shown,
)
from tests.chaos.rawclient import MASK

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_half_a_message_and_then_pings_alone(feed: NumberedFeed) -> None:
    """Whatever else is said is lost, until the fault is over: then the other half comes."""
    async with crossed(feed, "stall-fragment") as (client, proxy, link):
        say(link, "hello", "lost")
        say_in_fragments(link, b"lost", b"too")
        say(link, bytes(LARGE), opcode=BINARY)
        ping(link)
        assert shown(await client.frames(2)) == [(TEXT, b"hel", False), (PING, b"mark", True)]
        await answered(client)
        proxy.end(1)
        say(link, "next")
        assert shown(await client.frames(2)) == [(CONT, b"lo", True), (TEXT, b"next", True)]


async def test_a_message_in_fragments_is_let_through(feed: NumberedFeed) -> None:
    """What stalls is one that came in one frame; of nothing, half is nothing."""
    async with crossed(feed, "stall-fragment") as (client, proxy, link):
        say_in_fragments(link, b"a", b"b")
        say(link, "", "lost")
        ping(link)
        assert shown(await client.frames(4)) == [
            (TEXT, b"a", False),
            (CONT, b"b", True),
            (TEXT, b"", False),
            (PING, b"mark", True),
        ]
        proxy.end(1)
        assert shown([await client.frame()]) == [(CONT, b"", True)]


async def test_it_does_not_end_in_the_midst_of_another_message(feed: NumberedFeed) -> None:
    """One that is being lost is lost to its end."""
    async with crossed(feed, "stall-fragment") as (client, proxy, link):
        say(link, "hello")
        link.write(frame(TEXT, b"lost", fin=False) + frame(PING, b"1"))
        assert len(await client.frames(2)) == 2
        proxy.end(1)
        link.write(frame(CONT, b"lost") + frame(TEXT, b"next"))
        assert shown(await client.frames(2)) == [(CONT, b"lo", True), (TEXT, b"next", True)]


async def test_a_client_that_is_stuck(feed: NumberedFeed) -> None:
    """Both halves are masked."""
    async with crossed(feed, "stall-fragment direction=c2s") as (client, proxy, link):
        client.send(b"abcd")
        await received(link, 1)
        proxy.end(1)
        assert [one.mask for one in await received(link, 2)] == [MASK, MASK]
        assert await link.wait_message() == "abcd"


async def test_a_compressed_message(feed: NumberedFeed) -> None:
    """Both halves together inflate to what was said."""
    feed.opening = openings.accept_with(DEFLATE_HEADERS)
    async with crossed(feed, "stall-fragment", offer=DEFLATE) as (client, proxy, link):
        link.write(frame(TEXT, deflated(b"hello, hello"), rsv=4))
        first = await client.frame()
        proxy.end(1)
        second = await client.frame()
        assert (first.rsv, second.rsv) == (4, 0)
        assert inflated(first.payload + second.payload) == b"hello, hello"


async def test_what_is_not_chosen_is_lost_behind_the_half(feed: NumberedFeed) -> None:
    """A message cannot begin within another, whatever the conditions say."""
    async with crossed(feed, "stall-fragment only=^stall$") as (client, proxy, link):
        say(link, "goes on", "stall", "lost")
        say(link, bytes(LARGE), opcode=BINARY)
        ping(link)
        assert shown(await client.frames(3)) == [
            (TEXT, b"goes on", True),
            (TEXT, b"sta", False),
            (PING, b"mark", True),
        ]
        proxy.end(1)
        assert shown([await client.frame()]) == [(CONT, b"ll", True)]
