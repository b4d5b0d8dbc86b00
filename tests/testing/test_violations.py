"""Each violation is one: a client that is not ours fails the connection, with a code named."""

from __future__ import annotations

from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from longwire.testing import DEFLATE_HEADERS, VIOLATIONS, NumberedFeed, frames, openings
from longwire.testing.violations import deflate

NEVER_COMPLETE = {"length-2^63", "length-2^64-1"}
"""``websockets`` closes on these with 1009, too big, before it looks at the sign bit."""


@pytest.mark.parametrize("name", VIOLATIONS)
async def test_the_connection_is_failed(name: str) -> None:
    """``websockets`` sends a close frame with one of the codes, after what was right before."""
    violation = VIOLATIONS[name]
    headers = DEFLATE_HEADERS if violation.deflate else {}
    async with (
        NumberedFeed(opening=openings.accept_with(headers)) as feed,
        connect(feed.url, proxy=None, ping_interval=None, close_timeout=10) as client,
    ):
        link = await feed.link()
        feed.emit(1)
        link.write(violation.raw)
        assert await client.recv() == "0 of the feed"
        with suppress(ConnectionClosed):
            while True:
                await client.recv()
        await link.changes.until(lambda: link.received_close is not None, what="a close frame")
        assert link.received_close is not None
        code = link.received_close[0]
        assert code in ((1009,) if name in NEVER_COMPLETE else violation.codes)


def test_the_table_is_complete() -> None:
    """Names fit, rules are given, codes are those of a broken protocol."""
    for name, violation in VIOLATIONS.items():
        assert violation.name == name
        assert violation.rule.startswith("RFC ")
        assert set(violation.codes) <= {1002, 1007}


async def test_what_is_compressed_well_is_no_violation() -> None:
    """The headers and `deflate` agree with ``websockets``."""
    async with (
        NumberedFeed(opening=openings.accept_with(DEFLATE_HEADERS)) as feed,
        connect(feed.url, proxy=None, ping_interval=None) as client,
    ):
        link = await feed.link()
        link.write(frames.frame(frames.TEXT, deflate(b"hello"), rsv=4))
        assert await client.recv() == "hello"
