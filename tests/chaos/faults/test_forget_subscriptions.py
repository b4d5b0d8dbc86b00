"""The client's messages are lost, and nothing refuses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, CONT, PING, TEXT
from tests.chaos.faults.crossed import LARGE, answered, crossed, received, shown

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_pings_pass_and_messages_do_not(feed: NumberedFeed) -> None:
    """Of any kind and length, in fragments or not; what the server sends passes."""
    async with crossed(feed, "forget-subscriptions") as (client, _, link):
        client.send(b"subscribe")
        client.send(b"sub", fin=False)
        client.send(b"between", PING)
        client.send(b"scribe", CONT)
        client.send(bytes(LARGE), BINARY)
        client.send(b"mark", PING)
        assert [one.payload for one in await received(link, 2)] == [b"between", b"mark"]
        feed.emit(2)
        assert [one.opcode for one in await client.frames(4)][:2] == [10, 10]


async def test_only_some_of_them(feed: NumberedFeed) -> None:
    """Those in which a pattern is found, and no longer than it lasts."""
    strike = "forget-subscriptions only=trades crossings=1 lasting='3 messages'"
    async with crossed(feed, strike) as (client, _, link):
        for text in (b"subscribe trades", b"subscribe books", b"trades", b"trades again"):
            client.send(text)
        assert [one.payload for one in await received(link, 2)] == [
            b"subscribe books",
            b"trades again",
        ]
        await answered(client)


async def test_it_can_be_the_servers_messages(feed: NumberedFeed) -> None:
    """In the other direction it loses those, and leaves the client's alone."""
    async with crossed(feed, "forget-subscriptions direction=s2c") as (client, _, link):
        feed.emit(3)
        client.send(b"heard")
        assert shown(await received(link, 1)) == [(TEXT, b"heard", True)]
        await answered(client)
