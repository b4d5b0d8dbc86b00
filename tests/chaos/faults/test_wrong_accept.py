"""The answer's key does not belong to the question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longwire.testing.openings import accept_key
from tests.chaos.faults.crossed import another, crossed

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

RIGHT = accept_key("dGhlIHNhbXBsZSBub25jZQ==").encode()


async def test_the_key_is_another(feed: NumberedFeed) -> None:
    """It looks like one, there is one, and nothing else has changed."""
    async with crossed(feed, "wrong-accept crossings=2") as (client, proxy, _):
        assert RIGHT in client.head
        async with another(proxy, feed) as (second, _):
            (key,) = re.findall(rb"Sec-WebSocket-Accept: (\S+)\r\n", second.head)
            assert key != RIGHT
            assert len(key) == len(RIGHT)
            assert second.head.replace(key, RIGHT) == client.head


async def test_when_it_is_over_the_key_is_right(feed: NumberedFeed) -> None:
    """For connections that come then."""
    async with crossed(feed, "wrong-accept") as (client, proxy, _):
        assert RIGHT not in client.head
        proxy.end(1)
        async with another(proxy, feed) as (second, _):
            assert RIGHT in second.head
