"""A proxy whose tunnels go wrong."""

from __future__ import annotations

import longwire
from longwire.testing import NumberedFeed
from soak.between import Between


async def test_a_tunnel_is_cut() -> None:
    """On both sides; the next link goes through the proxy again."""
    async with NumberedFeed() as feed, Between() as proxy:
        async with longwire.connect(feed.url, proxy=proxy.address, isolate=False) as client:
            link = await feed.link()
            feed.emit()
            assert await client.recv() == "0 of the feed"
            proxy.cut()
            await link.wait_ended()
            await feed.link(2)
            feed.emit()
            assert await client.recv() == "1 of the feed"
    assert proxy.reached["tunnelled"] == 2


async def test_a_tunnel_is_frozen() -> None:
    """Nothing comes through, and nobody is told."""
    async with NumberedFeed() as feed, Between() as proxy:
        heartbeat = longwire.Heartbeat(every=0.02, within=0.02)
        async with longwire.connect(
            feed.url, proxy=proxy.address, isolate=False, heartbeat=heartbeat
        ) as client:
            await feed.link()
            await client.wait_live()
            proxy.freeze()
            await feed.link(2)
            assert client.interruptions[0].cause.id == "half-open-undetected"
