"""Pings without end, between the frames."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, PING, PONG, TEXT, frame
from tests.chaos.faults.crossed import LARGE, crossed, received, refuses, say, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_pings_come_between_messages(feed: NumberedFeed) -> None:
    """As many as asked for and no more, behind the opening; messages and pongs pass."""
    async with crossed(feed, "ping-flood rate=1000 size=5") as (client, proxy, _):
        feed.emit(1)
        client.send(b"me", PING)
        frames = await client.frames(100)
        frames += [await client.frame() for _ in range(100)]
        (record,) = proxy.journal.find("opens")
        assert proxy.journal.find("strikes")
        passed = asyncio.get_running_loop().time() - proxy.journal._began - record["t"]
        pings = [one for one in frames if one.opcode == PING]
        assert {one.payload for one in pings} == {bytes(5)}
        assert len(pings) <= 1000 * (passed + 0.1)
        others = [(one.opcode, one.payload) for one in frames if one.opcode != PING]
        assert sorted(others) == [(TEXT, b"0 of the feed"), (PONG, b"me")]


async def test_the_server_is_flooded(feed: NumberedFeed) -> None:
    """Masked, as a client's pings are; many at once where many are wanted."""
    async with crossed(feed, "ping-flood rate=100000 direction=c2s") as (_, _, link):
        frames = await received(link, 1000)
        assert all(one.masked and one.opcode == PING for one in frames)
        assert frames[0].payload == bytes(8)


async def test_it_stops_when_it_is_over(feed: NumberedFeed) -> None:
    """Behind its end there are messages alone."""
    async with crossed(feed) as (client, proxy, link):
        order = proxy.strike("ping-flood rate=1000")
        assert (await client.frame()).opcode == PING
        proxy.end(order)
        proxy.strike("noop after=0.05")
        await until(proxy, "strikes", fault="noop")
        say(link, "first", "second")
        frame = await client.frame()
        while frame.opcode == PING:
            frame = await client.frame()
        assert [frame.payload, (await client.frame()).payload] == [b"first", b"second"]


async def test_no_ping_stands_inside_a_long_frame(feed: NumberedFeed) -> None:
    """One that passes in pieces stays as it is."""
    long = frame(BINARY, bytes(LARGE))
    async with crossed(feed) as (client, proxy, link):
        link.write(long[:-10])
        got = await client.reader.readexactly(len(long) - 10)
        proxy.strike("ping-flood rate=1000")
        proxy.strike("noop after=0.05")
        await until(proxy, "strikes", fault="noop")
        link.write(long[-10:])
        assert got + await client.reader.readexactly(10) == long
        assert (await client.frame()).opcode == PING


async def test_a_client_that_does_not_read_costs_no_memory(feed: NumberedFeed) -> None:
    """What waits for it is bounded."""
    async with crossed(feed, "ping-flood rate=1000000 size=125") as (client, proxy, _):
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        lane = proxy.crossings[0].lanes["s2c"]
        proxy.strike("noop after=0.3")
        await until(proxy, "strikes", fault="noop")
        assert lane.line.waiting < 2**22


async def test_a_long_frame_that_does_not_end_costs_no_memory(feed: NumberedFeed) -> None:
    """What waits for its end is bounded, too."""
    async with crossed(feed) as (client, proxy, link):
        long = frame(BINARY, bytes(LARGE))
        link.write(long[:1000])
        await client.reader.readexactly(1000)
        proxy.strike("ping-flood rate=1000000 size=125")
        proxy.strike("noop after=0.3")
        await until(proxy, "strikes", fault="noop")
        link.write(long[1000:] + frame(BINARY, b"next"))
        await client.reader.readexactly(len(long) - 1000)
        pings = 0
        while (await client.frame()).opcode == PING:
            pings += 1
        assert pings * 127 < 2**22


def test_what_makes_no_sense() -> None:
    """None at all, more than there is time for, more than fits into a ping."""
    refuses("ping-flood rate=0", "rate must be from 1 to 1000000")
    refuses("ping-flood rate=2000000", "rate must be from 1 to 1000000")
    refuses("ping-flood size=126", "size must be from 0 to 125")
