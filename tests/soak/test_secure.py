"""TLS that goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import longwire
from longwire.testing import NumberedFeed
from soak import secure

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from longwire.testing import RawLink

pytestmark = pytest.mark.blocking
"""Certificates are read from files."""


def connected(feed: NumberedFeed) -> longwire.Client:
    return longwire.connect(feed.url, proxy=None, tls=secure.trusting(), retry=None)


@pytest.mark.parametrize("break_it", [secure.end_beneath, secure.garble])
async def test_a_link_is_broken_beneath_tls(break_it: Callable[[RawLink], None]) -> None:
    """Which is no clean end."""
    async with NumberedFeed(tls=secure.good()) as feed, connected(feed) as client:
        link = await feed.link()
        feed.emit()
        assert await client.recv() == "0 of the feed"
        break_it(link)
        with pytest.raises(longwire.GaveUp):
            await client.recv()


@pytest.mark.parametrize(("tls", "problem"), [("expired", "expired"), ("of_another", "wrong-name")])
async def test_a_certificate_is_not_accepted(tls: str, problem: str) -> None:
    """And later it is again."""
    make: Callable[[], ssl.SSLContext] = getattr(secure, tls)
    async with NumberedFeed(tls=secure.good()) as feed:
        async with secure.speaking(feed, make()):
            with pytest.raises(longwire.TLSError) as caught:
                async with connected(feed) as client:
                    await client.wait_live()
            assert caught.value.problem == problem
        async with connected(feed) as client:
            await client.wait_live()
