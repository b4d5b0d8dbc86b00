"""Every n-th message is lost, whole, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.chaos.frames import BINARY, CONT, PING, TEXT, frame
from tests.chaos.faults.crossed import (
    LARGE,
    another,
    crossed,
    ping,
    received,
    refuses,
    say,
    say_in_fragments,
    shown,
    until,
)

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_every_third_is_lost(feed: NumberedFeed) -> None:
    """Pings neither count nor are lost; each connection counts for itself."""
    async with crossed(feed, "drop-every n=3") as (client, proxy, link):
        say(link, "1", "2")
        ping(link)
        say(link, "3", "4", "5", "6", "7")
        assert await client.texts(6) == ["1", "2", "mark", "4", "5", "7"]
        assert [one["frame"] for one in proxy.journal.find("changes")] == [4, 7]
        async with another(proxy, feed) as (second, its_link):
            say(its_link, "1", "2", "3", "4")
            assert await second.texts(3) == ["1", "2", "4"]


async def test_what_a_client_sends(feed: NumberedFeed) -> None:
    """Masked frames in the other direction, and those of the server are left alone."""
    async with crossed(feed, "drop-every n=2 direction=c2s") as (client, _, link):
        for text in (b"a", b"b", b"c"):
            client.send(text)
        assert [one.payload for one in await received(link, 2)] == [b"a", b"c"]
        feed.emit(4)
        assert len(await client.texts(4)) == 4


async def test_a_message_in_fragments_is_lost_whole_or_not_at_all(feed: NumberedFeed) -> None:
    """Its fragments are not counted one by one, and none is left; a ping between them is."""
    async with crossed(feed, "drop-every n=2") as (client, _, link):
        say_in_fragments(link, b"a", b"b", b"c")
        link.write(frame(TEXT, b"d", fin=False) + frame(PING, b"between") + frame(CONT, b"e"))
        say(link, "f")
        assert shown(await client.frames(5)) == [
            (TEXT, b"a", False),
            (CONT, b"b", False),
            (CONT, b"c", True),
            (PING, b"between", True),
            (TEXT, b"f", True),
        ]


async def test_it_begins_and_ends_between_messages(feed: NumberedFeed) -> None:
    """Struck in the midst of one, it lets the rest pass; ended there, it loses the rest."""
    async with crossed(feed) as (client, proxy, link):
        link.write(frame(TEXT, b"a", fin=False))
        assert shown([await client.frame()]) == [(TEXT, b"a", False)]
        order = proxy.strike("drop-every n=1")
        link.write(frame(CONT, b"b") + frame(TEXT, b"c", fin=False) + frame(PING, b"1"))
        assert shown(await client.frames(2)) == [(CONT, b"b", True), (PING, b"1", True)]
        proxy.end(order)
        assert not proxy.journal.find("ends")
        link.write(frame(CONT, b"d") + frame(TEXT, b"e"))
        await until(proxy, "ends", fault="drop-every")
        assert shown([await client.frame()]) == [(TEXT, b"e", True)]


@pytest.mark.parametrize("lost", [False, True])
async def test_a_frame_that_is_too_long_to_be_kept(feed: NumberedFeed, lost: bool) -> None:
    """It passes as it comes, or not at all, and counts."""
    async with crossed(feed, f"drop-every n={1 if lost else 3}") as (client, proxy, link):
        say(link, bytes(LARGE), opcode=BINARY)
        ping(link)
        sizes = [len(one.payload) for one in await client.frames(1 if lost else 2)]
        assert sizes == ([4] if lost else [LARGE, 4])
        (crossing,) = proxy.crossings
        assert crossing.lanes["s2c"].messages == 1


async def test_chance_and_text_choose_whole_messages(feed: NumberedFeed) -> None:
    """The first fragment says whether it is one of those; the others share its fate."""
    async with crossed(feed, "drop-every n=1 only=^bad") as (client, _, link):
        say_in_fragments(link, b"bad", b" apple")
        say_in_fragments(link, b"good", b"bad")
        assert [one.payload for one in await client.frames(2)] == [b"good", b"bad"]


def test_what_makes_no_sense() -> None:
    """There is no zeroth, nor half a message."""
    refuses("drop-every n=0", "n must be at least 1")
    refuses("drop-every n=1.5", "no whole number")
