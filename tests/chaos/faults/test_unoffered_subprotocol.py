"""The server's answer names a subprotocol of its own choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.testing import openings
from tests.chaos.faults.crossed import another, answered, crossed, refuses

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_it_is_in_the_answer_once(feed: NumberedFeed) -> None:
    """In place of the one that the server chose; everything else in it stays."""
    feed.opening = openings.accept_with({"Sec-WebSocket-Protocol": "own", "X-Other": "stays"})
    async with crossed(feed, "unoffered-subprotocol subprotocol=mine") as (client, _, _):
        lines = client.head.split(b"\r\n")
        assert [one for one in lines if b"rotocol:" in one] == [b"Sec-WebSocket-Protocol: mine"]
        assert b"X-Other: stays" in lines
        assert lines[0] == b"HTTP/1.1 101 Switching Protocols"
        await answered(client)


async def test_some_connections_or_until_it_is_over(feed: NumberedFeed) -> None:
    """The others get what the server says."""
    async with crossed(feed, "unoffered-subprotocol crossings=2-") as (client, proxy, _):
        assert b"Protocol:" not in client.head
        async with another(proxy, feed, 2) as (second, _):
            assert b"\r\nSec-WebSocket-Protocol: chaos.v1\r\n" in second.head
        proxy.end(1)
        async with another(proxy, feed, 3) as (third, _):
            assert b"Protocol:" not in third.head


def test_what_makes_no_sense() -> None:
    """No name, and one that would be another field."""
    refuses("unoffered-subprotocol subprotocol=", "a subprotocol has a name")
    refuses("unoffered-subprotocol 'subprotocol=a\nb: c'", "subprotocol must be printable ASCII")
