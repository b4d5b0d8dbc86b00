"""Pongs come late, and messages overtake them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, PING, PONG, TEXT, frame
from tests.chaos.faults.crossed import (
    LARGE,
    another,
    answered,
    crossed,
    over,
    ping,
    received,
    refuses,
    say,
    shown,
    until,
)

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

LATE = 0.1


async def test_messages_overtake_a_pong(feed: NumberedFeed) -> None:
    """Whatever the server says behind it comes in front of it, pings as well."""
    async with crossed(feed, "late-pongs seconds=1h") as (client, _, link):
        client.send(b"late", PING)
        await link.wait_pings()
        say(link, "overtakes")
        ping(link)
        assert shown(await client.frames(2)) == [
            (TEXT, b"overtakes", True),
            (PING, b"mark", True),
        ]


async def test_a_pong_comes_so_much_later(feed: NumberedFeed) -> None:
    """Not before its time; pongs keep their own order."""
    async with crossed(feed, f"late-pongs seconds={LATE}") as (client, _, _):
        began = asyncio.get_running_loop().time()
        client.send(b"1", PING)
        client.send(b"2", PING)
        assert shown(await client.frames(2)) == [(PONG, b"1", True), (PONG, b"2", True)]
        assert asyncio.get_running_loop().time() - began >= LATE


async def test_the_clients_pongs(feed: NumberedFeed) -> None:
    """Masked; once it is over, they are late no longer."""
    async with crossed(feed, f"late-pongs seconds={LATE} direction=c2s") as (client, proxy, link):
        began = asyncio.get_running_loop().time()
        client.send(b"late", PONG)
        (late,) = await received(link, 1)
        assert asyncio.get_running_loop().time() - began >= LATE
        assert shown([late]) == [(PONG, b"late", True)]
        assert late.masked
        proxy.end(1)
        proxy.strike("late-pongs seconds=1h direction=s2c")
        client.send(b"at once", PONG)
        client.send(b"behind")
        assert shown((await received(link, 3))[1:]) == [
            (PONG, b"at once", True),
            (TEXT, b"behind", True),
        ]


async def test_an_end_does_not_wait_for_them(feed: NumberedFeed) -> None:
    """What the connection ends in front of is lost, and the proxy lives on."""
    async with crossed(feed, "late-pongs seconds=1h") as (client, proxy, link):
        client.send(b"lost", PING)
        await link.wait_pings()
        link.end()
        assert await client.ending() == "fin"
        assert client.rest() == []
        client.writer.close()
        await over(proxy)
        proxy.end(1)
        async with another(proxy, feed) as (second, _):
            await answered(second)


async def test_it_does_not_stand_inside_a_long_frame(feed: NumberedFeed) -> None:
    """A pong that is due while one passes in pieces comes behind it."""
    long = frame(BINARY, bytes(LARGE))
    async with crossed(feed, "late-pongs seconds=0.05") as (client, proxy, link):
        link.write(frame(PONG, b"early") + long[:-10])
        got = await client.reader.readexactly(len(long) - 10)
        proxy.strike("noop after=0.1")
        await until(proxy, "strikes", fault="noop")
        link.write(long[-10:])
        assert got + await client.reader.readexactly(10) == long
        assert shown([await client.frame()]) == [(PONG, b"early", True)]


def test_what_makes_no_sense() -> None:
    """Late is later than at once."""
    refuses("late-pongs seconds=0", "seconds must be more than 0")
