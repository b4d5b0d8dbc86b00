"""Everything vanishes, the end of TCP as well, and nobody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, PING
from tests.chaos.faults.crossed import LARGE, another, answered, crossed, received, say, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_nothing_arrives_and_everything_is_taken(feed: NumberedFeed) -> None:
    """Both ends go on writing megabytes as if they were read, and nothing of it comes out."""
    strike = "black-hole after='1 messages' direction={}"
    async with crossed(feed, strike.format("s2c"), strike.format("c2s")) as (client, proxy, link):
        feed.emit(1)
        client.send(b"last")
        assert await client.texts(1) == ["0 of the feed"]
        assert await link.wait_message() == "last"
        await until(proxy, "strikes", times=2, fault="black-hole")
        say(link, bytes(8 * LARGE), opcode=BINARY)
        client.send(bytes(8 * LARGE), BINARY)
        await client.writer.drain()
        await link.changes.until(lambda: link.writable, what="room to write")
        assert client.rest() == []
        assert len(link.frames) == 1


async def test_not_even_the_end_gets_through(feed: NumberedFeed) -> None:
    """When the client goes, the server keeps its connection, and sends into nothing."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike("black-hole direction=c2s")
        client.writer.write_eof()
        feed.emit(3)
        assert len(await client.texts(3)) == 3
        assert link.live


async def test_one_direction_alone(feed: NumberedFeed) -> None:
    """The client is heard, and hears nothing; another connection may be struck or not."""
    async with crossed(feed, "black-hole direction=s2c after=0 crossings=1") as (
        client,
        proxy,
        link,
    ):
        await until(proxy, "strikes", fault="black-hole")
        client.send(b"hello?", PING)
        client.send(b"hello?")
        assert len(await received(link, 2)) == 2
        async with another(proxy, feed) as (second, _):
            await answered(second)
        client.writer.write_eof()
        await link.wait_ended()
        assert client.rest() == []
