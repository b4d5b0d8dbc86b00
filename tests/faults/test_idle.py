"""A middlebox that ends what it believes to be idle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import longwire
from longwire.testing import IdleKill, NumberedFeed, frames, misbehave

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.testing import RawLink
    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]


NAME = "idle-timeout-intermediary"


@pytest.mark.parametrize("how", [misbehave.reset, misbehave.end])
async def test_without_a_heartbeat_it_is_named(
    receive: Receive, how: Callable[[RawLink], object]
) -> None:
    """Cut again and again after the same idle time: that is a timer, and the record says which."""
    async with (
        NumberedFeed(subscription="silent", watchers=[IdleKill(after=0.3, how=how)]) as feed,
        receive(feed.url, subscribe=["trades"]) as ledger,
    ):
        # Three cuts show it, unless the machine stood still meanwhile.
        for count in range(1, 20):
            await feed.link(count)
            if NAME in {one.cause.id for one in ledger.interrupted}:
                break
            feed.emit(1)
        named = [one.cause.id for one in ledger.interrupted]
        assert named[-1] == NAME
        assert len(named) >= 3
        assert ledger.interrupted[-1].cause.remedy
        ledger.check(feed)


async def test_with_a_heartbeat_it_does_not_strike(receive: Receive) -> None:
    """Pings more often than the idle time keep the link, however quiet the feed is."""
    heartbeat = longwire.Heartbeat(every=0.1, within=10.0)
    async with (
        NumberedFeed(watchers=[IdleKill(after=1.0)]) as feed,
        receive(feed.url, heartbeat=heartbeat) as ledger,
    ):
        link = await feed.link(1)
        await link.changes.until(
            lambda: sum(one.opcode == frames.PING for one in link.frames) >= 12,
            what="twelve pings, over 1.2 s",
        )
        feed.emit(1)
        await ledger.reached(0)
        assert len(feed.links) == 1
        assert len(ledger.client.interruptions) == 0


async def test_a_flow_that_is_silently_forgotten(receive: Receive) -> None:
    """No FIN, no RST, just nothing: the heartbeat finds out."""
    heartbeat = longwire.Heartbeat(every=0.5, within=0.2)
    async with NumberedFeed() as feed, receive(feed.url, heartbeat=heartbeat) as ledger:
        link = await feed.link(1)
        feed.emit(2)
        await link.ping()
        link.freeze()
        await feed.link(2)
        feed.emit(1)
        await ledger.reached(2)
        (interruption,) = ledger.client.interruptions
        assert interruption.evidence.end == "heartbeat-timeout"
        ledger.check(feed)
