"""Pongs are lost, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import PING, PONG, TEXT
from tests.chaos.faults.crossed import crossed, ping, received, say, shown

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_no_pong_comes_back(feed: NumberedFeed) -> None:
    """The server answers, in vain; its messages and its pings pass."""
    async with crossed(feed, "drop-pongs") as (client, _, link):
        client.send(b"1", PING)
        await link.wait_pings()
        say(link, "text")
        ping(link)
        assert shown(await client.frames(2)) == [(TEXT, b"text", True), (PING, b"mark", True)]
        client.send(b"mark", PONG)
        assert shown(await received(link, 2)) == [(PING, b"1", True), (PONG, b"mark", True)]


async def test_the_clients_pongs_until_it_is_over(feed: NumberedFeed) -> None:
    """A server that wants its pings answered waits in vain, and no longer than it lasts."""
    strike = "drop-pongs direction=c2s lasting='2 frames'"
    async with crossed(feed, strike) as (client, _, link):
        for payload in (b"lost", b"lost", b"heard"):
            client.send(payload, PONG)
        assert shown(await received(link, 1)) == [(PONG, b"heard", True)]
