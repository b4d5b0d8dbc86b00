"""One frame breaks one rule, and the others none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.chaos.frames import CONT, PING, TEXT, frame
from longwire.testing import DEFLATE_HEADERS, openings
from tests.chaos.faults.crossed import (
    DEFLATE,
    another,
    crossed,
    deflated,
    received,
    refuses,
    say,
    say_in_fragments,
    shown,
)
from tests.chaos.rawclient import MASK

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

SAID = b'{"n": 1}'
WRONG = {
    "utf8": frame(TEXT, b"caf\xe9\xff"),
    "deflate": frame(TEXT, b"\xff" * 32, rsv=4),
    "rsv1": frame(TEXT, SAID, rsv=4),
    "rsv2": frame(TEXT, SAID, rsv=2),
    "mask": frame(TEXT, SAID, mask=b"\x11\x22\x33\x44"),
    "opcode": frame(3, SAID),
    "length": frame(TEXT, SAID, length=2**63),
    "continuation": frame(CONT, SAID),
    "unfinished": frame(TEXT, SAID, fin=False),
    "control": frame(PING, b"half", fin=False) + frame(TEXT, SAID),
    "half": frame(TEXT, b'{"n"'),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_wrong_is_wrong_on_the_wire(feed: NumberedFeed, what: str) -> None:
    """To the byte; the frames in front of it and behind it are as they were."""
    async with crossed(feed, f"corrupt what={what} after='1 messages'") as (client, _, link):
        say(link, "before", SAID, "behind")
        expected = frame(TEXT, b"before") + WRONG[what] + frame(TEXT, b"behind")
        assert await client.reader.readexactly(len(expected)) == expected


@pytest.mark.parametrize("what", WRONG)
async def test_what_a_client_sends_is_broken_in_the_same_way(feed: NumberedFeed, what: str) -> None:
    """Masked as the client masked it, but for the one that is about that."""
    async with crossed(feed, f"corrupt what={what} direction=c2s") as (client, _, link):
        before = link.bytes_received
        client.send(SAID)
        broken = {
            "utf8": frame(TEXT, b"caf\xe9\xff", mask=MASK),
            "deflate": frame(TEXT, b"\xff" * 32, rsv=4, mask=MASK),
            "rsv1": frame(TEXT, SAID, rsv=4, mask=MASK),
            "rsv2": frame(TEXT, SAID, rsv=2, mask=MASK),
            "mask": frame(TEXT, SAID),
            "opcode": frame(3, SAID, mask=MASK),
            "length": frame(TEXT, SAID, length=2**63, mask=MASK),
            "continuation": frame(CONT, SAID, mask=MASK),
            "unfinished": frame(TEXT, SAID, fin=False, mask=MASK),
            "control": frame(PING, b"half", fin=False, mask=MASK) + frame(TEXT, SAID, mask=MASK),
            "half": frame(TEXT, SAID[:4], mask=MASK),
        }[what]
        await link.wait_bytes(before + len(broken))
        raw = b"".join(one.raw for one in link.frames)
        assert raw == broken or what == "length"


async def test_it_happens_once_on_each_connection(feed: NumberedFeed) -> None:
    """Or every n-th time; control frames and fragments are left alone and do not count."""
    async with crossed(feed, "corrupt what=half") as (client, proxy, link):
        say_in_fragments(link, b"ab", b"cd")
        say(link, "p", opcode=PING)
        say(link, "first", "second")
        assert shown(await client.frames(5)) == [
            (TEXT, b"ab", False),
            (CONT, b"cd", True),
            (PING, b"p", True),
            (TEXT, b"fi", True),
            (TEXT, b"second", True),
        ]
        async with another(proxy, feed) as (second, its_link):
            say(its_link, "first")
            assert await second.texts(1) == ["fi"]


async def test_every_nth_time(feed: NumberedFeed) -> None:
    """The second, the fourth."""
    async with crossed(feed, "corrupt what=half n=2") as (client, _, link):
        say(link, "aa", "bb", "cc", "dd", "ee")
        assert await client.texts(5) == ["aa", "b", "cc", "d", "ee"]


async def test_compressed_messages_are_broken_too(feed: NumberedFeed) -> None:
    """The bit that says so is turned over; half of a text is half of what it says."""
    feed.opening = openings.accept_with(DEFLATE_HEADERS)
    squeezed = frame(TEXT, deflated(SAID), rsv=4)
    async with crossed(feed, "corrupt what=rsv1", offer=DEFLATE) as (client, proxy, link):
        link.write(squeezed)
        broken = await client.frame()
        assert (broken.rsv, broken.payload) == (0, deflated(SAID))
        proxy.strike("corrupt what=half")
        link.write(squeezed)
        assert shown([await client.frame()]) == [(TEXT, b'{"n"', True)]


async def test_masks_are_only_right_the_other_way_round(feed: NumberedFeed) -> None:
    """A frame that lost its mask says the same, as does one that got one."""
    async with crossed(feed, "corrupt what=mask direction=c2s") as (client, _, link):
        client.send(SAID)
        (one,) = await received(link, 1)
        assert not one.masked
        assert one.payload == SAID


def test_what_makes_no_sense() -> None:
    """A kind that is not known, a negative n."""
    refuses("corrupt what=everything", "what: 'everything' is none of utf8, ")
    refuses("corrupt n=-1", "n must be at least 0")
