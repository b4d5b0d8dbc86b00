"""Pongs come in time, and say something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import PING, PONG, TEXT
from tests.chaos.faults.crossed import answered, crossed, ping, received, refuses, say, shown

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_a_pong_with_another_payload(feed: NumberedFeed) -> None:
    """Pings and messages are left alone; when it is over, pongs are right."""
    async with crossed(feed, "wrong-pongs payload=nothing") as (client, proxy, link):
        client.send(b"1", PING)
        await link.wait_pings()
        ping(link)
        say(link, "text")
        assert shown(await client.frames(3)) == [
            (PONG, b"nothing", True),
            (PING, b"mark", True),
            (TEXT, b"text", True),
        ]
        proxy.end(1)
        await answered(client)


async def test_the_clients_pongs(feed: NumberedFeed) -> None:
    """Empty by default, and masked."""
    async with crossed(feed, "wrong-pongs direction=c2s") as (client, _, link):
        client.send(b"right", PONG)
        (one,) = await received(link, 1)
        assert shown([one]) == [(PONG, b"", True)]
        assert one.masked


def test_what_makes_no_sense() -> None:
    """More than fits into a control frame."""
    refuses(f"wrong-pongs payload={'x' * 126}", "payload must be 125 bytes at most")
