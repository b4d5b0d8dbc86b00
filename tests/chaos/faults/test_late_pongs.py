"""Pongs come late, and messages overtake them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, PING, PONG, TEXT, frame
from tests.chaos.faults.crossed import LARGE, another, crossed, refuses, say, shown, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

LATE = 0.1


async def test_a_pong_comes_so_much_later(feed: NumberedFeed) -> None:
    """What the server says behind it comes in front of it; pongs keep their own order."""
    async with crossed(feed, f"late-pongs seconds={LATE}") as (client, _, link):
        began = asyncio.get_running_loop().time()
        client.send(b"1", PING)
        client.send(b"2", PING)
        await link.wait_pings(2)
        say(link, "overtakes")
        assert shown(await client.frames(3)) == [
            (TEXT, b"overtakes", True),
            (PONG, b"1", True),
            (PONG, b"2", True),
        ]
        assert asyncio.get_running_loop().time() - began >= LATE


async def test_the_clients_pongs(feed: NumberedFeed) -> None:
    """Masked, and behind what it said later."""
    async with crossed(feed, f"late-pongs seconds={LATE} direction=c2s") as (client, proxy, link):
        client.send(b"late", PONG)
        client.send(b"text")
        await link.changes.until(lambda: len(link.frames) == 2, what="both frames")
        assert shown(link.frames) == [(TEXT, b"text", True), (PONG, b"late", True)]
        assert link.frames[1].masked
        proxy.end(1)
        client.send(b"at once", PONG)
        client.send(b"behind")
        await link.changes.until(lambda: len(link.frames) == 4, what="all frames")
        assert shown(link.frames[2:]) == [(PONG, b"at once", True), (TEXT, b"behind", True)]


async def test_an_end_does_not_wait_for_them(feed: NumberedFeed) -> None:
    """What the connection ends in front of is lost, and the proxy lives on."""
    async with crossed(feed, f"late-pongs seconds={LATE}") as (client, proxy, link):
        client.send(b"lost", PING)
        await link.wait_pings()
        link.end()
        assert await client.ending() == "fin"
        assert client.rest() == []
        proxy.strike(f"noop after={2 * LATE}")
        await until(proxy, "strikes", fault="noop")
        async with another(proxy, feed) as (second, _):
            second.send(b"late", PING)
            assert shown([await second.frame()]) == [(PONG, b"late", True)]


async def test_it_does_not_stand_inside_a_long_frame(feed: NumberedFeed) -> None:
    """A pong that is due while one passes in pieces comes behind it."""
    long = frame(BINARY, bytes(LARGE))
    async with crossed(feed, "late-pongs seconds=0.05") as (client, proxy, link):
        say(link, "early", opcode=PONG)
        link.write(long[:-10])
        got = await client.reader.readexactly(len(long) - 10)
        proxy.strike("noop after=0.1")
        await until(proxy, "strikes", fault="noop")
        link.write(long[-10:])
        assert got + await client.reader.readexactly(10) == long
        assert shown([await client.frame()]) == [(PONG, b"early", True)]


def test_what_makes_no_sense() -> None:
    """Late is later than at once."""
    refuses("late-pongs seconds=0", "seconds must be more than 0")
