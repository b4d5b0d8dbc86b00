"""The connection ends at a byte, wherever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy
from longwire.chaos.frames import TEXT, frame
from tests.chaos.faults.crossed import another, answered, crossed, over, refuses, say
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

HELLO = frame(TEXT, b"hello")


@pytest.mark.parametrize("ending", ["fin", "reset"])
async def test_in_mid_frame(feed: NumberedFeed, ending: str) -> None:
    """Exactly so many bytes come through, and then the end, for both sides."""
    size = 2 * len(HELLO) + 3
    async with crossed(feed) as (client, proxy, link):
        proxy.strike(f"limit-data size={size} ending={ending}")
        say(link, *["hello"] * 5)
        got = await client.reader.readexactly(size)
        assert got == (HELLO * 5)[:size]
        assert await client.ending() == ending
        assert client.rest() == []
        assert not client.partial
        assert proxy.journal.find("cuts", fault="limit-data", crossing=1)
        await link.wait_ended()
        assert isinstance(link.error, ConnectionResetError) is (ending == "reset")


async def test_byte_by_byte_it_is_the_same(feed: NumberedFeed) -> None:
    """It counts over many writes; the last byte that is allowed still comes."""
    async with crossed(feed, "slice size=2") as (client, proxy, link):
        proxy.strike(f"limit-data size={len(HELLO)}")
        for at in range(len(HELLO)):
            link.write(HELLO[at : at + 1])
        assert await client.ending() == "fin"
        assert [one.raw for one in client.rest()] == [HELLO]
        client.writer.close()
        await over(proxy)


async def test_what_a_client_sends(feed: NumberedFeed) -> None:
    """The server gets so many bytes; the next connection has its own count."""
    async with crossed(feed, "limit-data size=10 direction=c2s") as (client, proxy, link):
        before = link.bytes_received
        client.send(b"hello world")
        assert await client.ending() == "fin"
        await link.wait_ended()
        assert link.bytes_received - before == 10
        async with another(proxy, feed) as (second, _):
            await answered(second, b"123")


async def test_in_the_answer_to_the_opening(feed: NumberedFeed) -> None:
    """Where it strikes at once, the head counts."""
    async with Proxy(feed.url, ["limit-data size=20"]) as proxy, RawClient(proxy.url) as client:
        assert await client.reader.read() == b"HTTP/1.1 101 Switchi"


def test_what_makes_no_sense() -> None:
    """Nothing at all would be another fault."""
    refuses("limit-data size=0", "size must be at least 1")
    refuses("limit-data ending=softly", "ending: 'softly' is none of fin, reset")
