"""Frames are cut into fragments that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, CONT, PING, TEXT, frame
from longwire.testing import DEFLATE_HEADERS, openings
from tests.chaos.faults.crossed import (
    DEFLATE,
    LARGE,
    crossed,
    deflated,
    inflated,
    ping,
    received,
    refuses,
    say,
    say_in_fragments,
    shown,
)
from tests.chaos.rawclient import MASK

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_a_message_comes_in_pieces(feed: NumberedFeed) -> None:
    """None longer than asked for, in order; what is short enough and what is a ping stay whole."""
    async with crossed(feed, "fragment size=4") as (client, _, link):
        say(link, "0123456789", "0123", "")
        ping(link, b"longer than four")
        assert shown(await client.frames(6)) == [
            (TEXT, b"0123", False),
            (CONT, b"4567", False),
            (CONT, b"89", True),
            (TEXT, b"0123", True),
            (TEXT, b"", True),
            (PING, b"longer than four", True),
        ]


async def test_fragments_are_cut_once_more(feed: NumberedFeed) -> None:
    """And only the last of the last ends the message."""
    async with crossed(feed, "fragment size=2") as (client, _, link):
        say_in_fragments(link, b"abc", b"def")
        assert shown(await client.frames(4)) == [
            (TEXT, b"ab", False),
            (CONT, b"c", False),
            (CONT, b"de", False),
            (CONT, b"f", True),
        ]


async def test_what_a_client_sends_keeps_its_mask(feed: NumberedFeed) -> None:
    """Each piece is masked, and the server reads the same."""
    strike = "fragment size=1KiB direction=c2s lasting='1 messages'"
    async with crossed(feed, strike) as (client, _, link):
        client.send(bytes(3000), BINARY)
        assert await link.wait_message() == bytes(3000)
        assert [one.mask for one in link.frames] == [MASK] * 3
        client.send(bytes(3000), BINARY)
        assert len((await received(link, 4))[3].payload) == 3000


async def test_a_compressed_message_says_so_once(feed: NumberedFeed) -> None:
    """RSV1 stands on its first fragment alone (RFC 7692 6.1)."""
    feed.opening = openings.accept_with(DEFLATE_HEADERS)
    async with crossed(feed, "fragment size=3", offer=DEFLATE) as (client, _, link):
        squeezed = deflated(b"hello, hello, hello")
        link.write(frame(TEXT, squeezed, rsv=4))
        frames = await client.frames(-(-len(squeezed) // 3))
        assert [one.rsv for one in frames] == [4, *[0] * (len(frames) - 1)]
        assert inflated(b"".join(one.payload for one in frames)) == b"hello, hello, hello"


async def test_what_is_too_long_to_be_kept_stays_whole(feed: NumberedFeed) -> None:
    """It passes as it comes; the next is cut."""
    async with crossed(feed, "fragment size=1") as (client, _, link):
        say(link, bytes(LARGE), "ab", opcode=BINARY)
        assert [len(one.payload) for one in await client.frames(3)] == [LARGE, 1, 1]


def test_what_makes_no_sense() -> None:
    """A fragment of nothing would never end."""
    refuses("fragment size=0", "size must be at least 1")
