"""The server says goodbye, and goes on talking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import CLOSE, PING, close_payload
from tests.chaos.faults.crossed import crossed, received, refuses, say, shown, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_data_follows_the_close_frame(feed: NumberedFeed) -> None:
    """The client's answer is lost, so the server knows of nothing; everything else passes."""
    async with crossed(feed, "close-then-data after='1 messages'") as (client, proxy, link):
        feed.emit(3)
        first, close, *behind = await client.frames(4)
        assert first.payload == b"0 of the feed"
        assert shown([close]) == [(CLOSE, close_payload(1001), True)]
        assert [one.payload for one in behind] == [b"1 of the feed", b"2 of the feed"]
        client.send(close_payload(1001), CLOSE)
        client.send(b"mark", PING)
        assert [one.opcode for one in await received(link, 1)] == [PING]
        say(link, "still")
        assert [one.payload for one in await client.frames(2)] == [b"mark", b"still"]
        assert len(proxy.journal.find("changes", direction="c2s")) == 1


async def test_it_ends_when_the_client_goes(feed: NumberedFeed) -> None:
    """TCP's own end passes; until then nothing ends it."""
    async with crossed(feed, "close-then-data code=1000") as (client, proxy, link):
        assert (await client.frame()).payload == close_payload(1000)
        client.writer.write_eof()
        await link.wait_ended()
        assert link.received_close is None
        assert await client.ending() == "fin"
        await until(proxy, "over", crossing=1)


def test_what_makes_no_sense() -> None:
    """A code that does not fit."""
    refuses("close-then-data code=0", "code must be from 1 to 65535")
