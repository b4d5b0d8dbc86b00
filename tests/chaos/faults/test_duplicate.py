"""Every n-th message comes twice, in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import PING, TEXT, frame
from longwire.testing import DEFLATE_HEADERS, openings
from tests.chaos.faults.crossed import (
    DEFLATE,
    crossed,
    deflated,
    inflated,
    ping,
    received,
    refuses,
    say,
    say_in_fragments,
)
from tests.chaos.rawclient import MASK

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_every_second_comes_twice(feed: NumberedFeed) -> None:
    """Pings and messages in fragments do not, nor do they count."""
    async with crossed(feed, "duplicate n=2") as (client, _, link):
        say(link, "1", "2", "3")
        ping(link)
        say_in_fragments(link, b"a", b"b")
        say(link, "4", "5")
        assert await client.texts(10) == ["1", "2", "2", "3", "mark", "a", "b", "4", "4", "5"]


async def test_what_a_client_sends_and_until_it_is_over(feed: NumberedFeed) -> None:
    """The copy is masked as the original; afterwards each comes once."""
    strike = "duplicate n=1 direction=c2s lasting='1 messages'"
    async with crossed(feed, strike) as (client, _, link):
        client.send(b"twice")
        client.send(b"p", PING)
        client.send(b"once")
        frames = await received(link, 4)
        assert [one.payload for one in frames] == [b"twice", b"twice", b"p", b"once"]
        assert [one.raw for one in frames[:2]] == [frame(TEXT, b"twice", mask=MASK)] * 2


async def test_a_compressed_message_can_be_read_twice(feed: NumberedFeed) -> None:
    """As each stands for itself, its copy says the same."""
    feed.opening = openings.accept_with(DEFLATE_HEADERS)
    async with crossed(feed, "duplicate n=1", offer=DEFLATE) as (client, _, link):
        link.write(frame(TEXT, deflated(b"hello"), rsv=4))
        assert [inflated(one.payload) for one in await client.frames(2)] == [b"hello"] * 2


def test_what_makes_no_sense() -> None:
    """There is no zeroth."""
    refuses("duplicate n=0", "n must be at least 1")
