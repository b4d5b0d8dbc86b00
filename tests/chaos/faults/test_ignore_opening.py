"""TCP is accepted, and nothing is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy
from tests.chaos.faults.crossed import over, until
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    import ssl

    from longwire.testing import NumberedFeed


async def test_no_byte_comes_and_no_end(feed: NumberedFeed) -> None:
    """The server is not asked; the connection is over when the client goes, however it goes."""
    async with Proxy(feed.url, ["ignore-opening"]) as proxy:
        for number, abort in enumerate((False, True), 1):
            async with RawClient(proxy.url) as client:
                await until(proxy, "ignores", crossing=number)
                client.write(bytes(2**20))
                await client.writer.drain()
                if not abort:
                    client.writer.close()
                    await over(proxy, number)
                assert not client.reader._buffer  # type: ignore[attr-defined]
            await over(proxy, number)
        assert feed.links == []


async def test_who_came_stays_ignored_and_who_comes_is_let_in(feed: NumberedFeed) -> None:
    """Its end is for those that come after it; and it is for some connections, if so said."""
    async with Proxy(feed.url, ["ignore-opening crossings=1-2"]) as proxy:
        async with RawClient(proxy.url) as first:
            await until(proxy, "ignores", crossing=1)
            proxy.end(1)
            async with RawClient(proxy.url) as second:
                await second.open()
                assert second.head.startswith(b"HTTP/1.1 101 ")
            assert not first.reader.at_eof()
            assert proxy.crossings[0].number == 1


async def test_tls_is_not_answered_either(
    feed: NumberedFeed, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """A client waits for the other's hello, until its own deadline."""
    async with Proxy(feed.url, ["ignore-opening"], tls=server_tls) as proxy:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), RawClient(proxy.url, tls=client_tls):
                pass
        await until(proxy, "ignores", crossing=1)
