"""What is too long does not go through, and what is not does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.chaos.frames import BINARY, CLOSE, PING, close_payload
from tests.chaos.faults.crossed import (
    LARGE,
    crossed,
    over,
    ping,
    refuses,
    say,
    say_in_fragments,
    shown,
)

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

SIZES = pytest.mark.parametrize("size", [1001, LARGE], ids=["long", "too long to be kept"])
GOODBYE = close_payload(1009, "frame is too long")


@SIZES
async def test_the_client_is_told_to_go(feed: NumberedFeed, size: int) -> None:
    """It sent too much: a close frame for it, FIN for both; what was short enough arrived."""
    async with crossed(feed, "size-limit size=1000") as (client, proxy, link):
        client.send(bytes(1000), BINARY)
        client.send(bytes(size), BINARY)
        assert await client.ending() == "fin"
        assert shown(client.rest()) == [(CLOSE, GOODBYE, True)]
        await link.wait_ended()
        assert [len(one.payload) for one in link.frames] == [1000]
        client.writer.close()
        await over(proxy)


@SIZES
async def test_the_server_is_told_to_go(feed: NumberedFeed, size: int) -> None:
    """The same the other way round, with a masked close frame; a long ping is no message."""
    async with crossed(feed, "size-limit size=1000") as (client, _, link):
        say(link, bytes(1000), opcode=BINARY)
        say(link, bytes(size), "lost", opcode=BINARY)
        assert await client.ending() == "fin"
        assert [len(one.payload) for one in client.rest()] == [1000]
        await link.wait_ended()
        assert shown(link.frames) == [(CLOSE, GOODBYE, True)]
        assert link.frames[0].masked


@SIZES
async def test_it_can_be_reset(feed: NumberedFeed, size: int) -> None:
    """RST for both, behind what was short enough."""
    async with crossed(feed, "size-limit size=1000 how=reset") as (client, _, link):
        say(link, "short")
        say(link, bytes(size), opcode=BINARY)
        assert await client.ending() == "reset"
        assert [one.payload for one in client.rest()] == [b"short"]
        await link.wait_ended()
        assert isinstance(link.error, ConnectionResetError)


@SIZES
async def test_it_can_be_lost_without_a_word(feed: NumberedFeed, size: int) -> None:
    """What comes behind it goes on; when it is over, so does what is long."""
    async with crossed(feed, "size-limit size=1000 how=drop") as (client, proxy, link):
        say(link, bytes(size), opcode=BINARY)
        ping(link)
        say(link, "next")
        assert [one.payload for one in await client.frames(2)] == [b"mark", b"next"]
        proxy.end(1)
        say(link, bytes(size), opcode=BINARY)
        assert len((await client.frame()).payload) == size


@SIZES
async def test_it_loses_a_message_as_a_whole(feed: NumberedFeed, size: int) -> None:
    """Or nothing of it: the first fragment decides."""
    async with crossed(feed, "size-limit size=1000 how=drop") as (client, _, link):
        say_in_fragments(link, bytes(size), b"lost", opcode=BINARY)
        say_in_fragments(link, b"a", bytes(size), b"c", opcode=BINARY)
        say(link, "next")
        frames = await client.frames(4)
        assert [len(one.payload) for one in frames] == [1, size, 1, 4]
        assert [one.fin for one in frames] == [False, False, True, True]


async def test_a_limit_above_what_is_kept(feed: NumberedFeed) -> None:
    """A long frame is measured by its header, not by what has come of it."""
    async with crossed(feed, f"size-limit size={2 * LARGE} how=drop") as (client, _, link):
        say(link, bytes(2 * LARGE), bytes(2 * LARGE + 1), opcode=BINARY)
        say(link, "p", opcode=PING)
        assert [len(one.payload) for one in await client.frames(2)] == [2 * LARGE, 1]


def test_what_makes_no_sense() -> None:
    """Nothing at all would be another fault."""
    refuses("size-limit size=0", "size must be at least 1")
