"""Pings are lost, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import PING, PONG, TEXT
from tests.chaos.faults.crossed import answered, crossed, ping, received, say, shown

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_nobody_hears_a_ping(feed: NumberedFeed) -> None:
    """In both directions, while messages and pongs that nobody asked for pass."""
    async with crossed(feed, "drop-pings") as (client, _, link):
        client.send(b"lost", PING)
        client.send(b"pong", PONG)
        client.send(b"text")
        assert shown(await received(link, 2)) == [(PONG, b"pong", True), (TEXT, b"text", True)]
        ping(link)
        say(link, "pong", opcode=PONG)
        say(link, "text")
        assert shown(await client.frames(2)) == [(PONG, b"pong", True), (TEXT, b"text", True)]


async def test_one_direction_alone_and_for_a_while(feed: NumberedFeed) -> None:
    """The client's pings are answered as ever; the server's pass again when it is over."""
    strike = "drop-pings direction=s2c lasting='3 frames'"
    async with crossed(feed, strike) as (client, _, link):
        await answered(client)
        ping(link, b"lost")
        ping(link, b"lost")
        ping(link, b"heard")
        assert shown([await client.frame()]) == [(PING, b"heard", True)]
