"""Two messages change places, and none is lost by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, CLOSE, PING, close_payload
from tests.chaos.faults.crossed import (
    LARGE,
    crossed,
    over,
    ping,
    received,
    refuses,
    say,
    say_in_fragments,
    until,
)
from tests.chaos.rawclient import MASK

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_every_third_comes_behind_the_next(feed: NumberedFeed) -> None:
    """A ping overtakes it, and is not taken for a message."""
    async with crossed(feed, "reorder n=3") as (client, _, link):
        say(link, "1", "2", "3")
        ping(link)
        say(link, "4", "5", "6", "7", "8")
        assert await client.texts(9) == ["1", "2", "mark", "4", "3", "5", "6", "8", "7"]


async def test_what_a_client_sends(feed: NumberedFeed) -> None:
    """Each two, with their masks."""
    async with crossed(feed, "reorder n=1 direction=c2s") as (client, _, link):
        for text in (b"1", b"2", b"3", b"4"):
            client.send(text)
        frames = await received(link, 4)
        assert [one.payload for one in frames] == [b"2", b"1", b"4", b"3"]
        assert {one.mask for one in frames} == {MASK}


async def test_what_waits_does_not_stand_between_fragments(feed: NumberedFeed) -> None:
    """It goes on in front of a message in fragments, and of one that is too long to be kept."""
    async with crossed(feed, "reorder n=1") as (client, _, link):
        say(link, "1")
        say_in_fragments(link, b"a", b"b")
        say(link, "2")
        say(link, bytes(LARGE), opcode=BINARY)
        say(link, "3", "4")
        frames = await client.frames(7)
        assert [one.payload for one in frames if len(one.payload) < 9] == [
            b"1",
            b"a",
            b"b",
            b"2",
            b"4",
            b"3",
        ]
        assert len(frames[4].payload) == LARGE


async def test_what_waits_at_the_end_is_not_lost(feed: NumberedFeed) -> None:
    """It goes on in front of a close frame, and of FIN."""
    async with crossed(feed, "reorder n=1 direction=both") as (client, proxy, link):
        say(link, "last")
        say(link, close_payload(1000), opcode=CLOSE)
        assert [one.opcode for one in await client.frames(2)] == [1, CLOSE]
        say(link, "behind")
        client.send(b"and mine")
        link.end()
        assert await client.ending() == "fin"
        assert [one.payload for one in client.rest()] == [b"behind"]
        client.writer.write_eof()
        await link.wait_ended()
        assert [one.payload for one in link.frames] == [b"and mine"]
        await over(proxy)


async def test_what_waits_when_the_fault_ends_goes_on(feed: NumberedFeed) -> None:
    """At once, and what comes then is in order."""
    async with crossed(feed, "reorder n=1") as (client, proxy, link):
        say(link, "1")
        await until(proxy, "changes")
        proxy.end(1)
        assert await client.texts(1) == ["1"]
        say(link, "2", "3")
        say(link, "p", opcode=PING)
        assert await client.texts(3) == ["2", "3", "p"]


async def test_it_waits_for_the_next_of_any_kind(feed: NumberedFeed) -> None:
    """Only some are chosen to wait; what comes behind one need not be among them."""
    async with crossed(feed, "reorder n=1 only=^late") as (client, proxy, link):
        say(link, "1", "late", "2", "late")
        say_in_fragments(link, b"a", b"b")
        assert await client.texts(6) == ["1", "2", "late", "late", "a", "b"]
        say(link, "late")
        await until(proxy, "changes", times=5)
        say(link, bytes(LARGE), opcode=BINARY)
        assert [len(one.payload) for one in await client.frames(2)] == [4, LARGE]


def test_what_makes_no_sense() -> None:
    """There is no zeroth."""
    refuses("reorder n=0", "n must be at least 1")
