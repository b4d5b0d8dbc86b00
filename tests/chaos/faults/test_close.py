"""The server says goodbye, and everything else is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, CLOSE, TEXT, close_payload, frame
from tests.chaos.faults.crossed import LARGE, crossed, over, refuses, say, shown, until
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    import pytest

    from longwire.testing import NumberedFeed


async def test_it_waits_for_the_answer_and_ends_tcp(feed: NumberedFeed) -> None:
    """Behind what had passed; the server is told nothing but FIN, and heard no more."""
    strike = "close code=4001 reason='go away' after='2 messages'"
    async with crossed(feed, strike) as (client, proxy, link):
        feed.emit(5)
        *messages, last = await client.frames(3)
        assert [one.payload for one in messages] == [b"0 of the feed", b"1 of the feed"]
        assert shown([last]) == [(CLOSE, close_payload(4001, "go away"), True)]
        client.send(b"too late")
        client.send(close_payload(4001), CLOSE)
        assert await client.ending() == "fin"
        await link.wait_ended()
        assert link.frames == []
        assert link.error is None
        client.writer.close()
        await over(proxy)


async def test_a_client_that_does_not_answer_is_ended(
    feed: NumberedFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As servers do it, after a while."""
    monkeypatch.setattr("longwire.chaos.faults.close._PATIENCE", 0.05)
    async with crossed(feed) as (client, proxy, _):
        proxy.strike("close")
        assert await client.ending() == "fin"
        assert shown(client.rest()) == [(CLOSE, close_payload(1011), True)]


async def test_where_it_strikes_at_once_the_opening_comes_first(feed: NumberedFeed) -> None:
    """It is a close frame behind the answer, not something in its place; code 0 leaves it empty."""
    async with crossed(feed, "close code=0") as (client, _, _):
        assert client.head.startswith(b"HTTP/1.1 101 ")
        assert shown([await client.frame()]) == [(CLOSE, b"", True)]


async def test_it_does_not_stand_inside_a_long_frame(feed: NumberedFeed) -> None:
    """One that passes in pieces is ended first."""
    long = frame(BINARY, bytes(LARGE))
    async with crossed(feed) as (client, proxy, link):
        link.write(long[:-10])
        (crossing,) = proxy.crossings
        got = await client.reader.readexactly(len(long) - 10)
        proxy.strike("close")
        link.write(long[-10:] + frame(TEXT, b"lost"))
        assert got + await client.reader.readexactly(10) == long
        assert shown([await client.frame()]) == [(CLOSE, close_payload(1011), True)]
        assert crossing.lanes["s2c"].messages == 2


async def test_each_connection_gets_its_own(feed: NumberedFeed) -> None:
    """With a number of connections, only those."""
    async with crossed(feed, "close crossings=2 code=1012") as (client, proxy, link):
        async with RawClient(proxy.url) as second:
            await second.open()
            assert (await second.frame()).payload == close_payload(1012)
        say(link, "still here")
        assert await client.texts(1) == ["still here"]
        await until(proxy, "strikes", fault="close", crossing=2)


def test_what_makes_no_sense() -> None:
    """A code that does not fit, a reason that does not, and one without a code."""
    refuses("close code=70000", "code must be from 0 to 65535")
    refuses("close code=-1", "code must be from 0 to 65535")
    refuses(f"close reason={'x' * 124}", "reason must be 123 bytes at most")
    refuses("close code=0 reason=why", "an empty close frame has no reason")
