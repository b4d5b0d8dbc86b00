"""A middlebox that ends what it believes to be idle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import longwire
from longwire.testing import IdleKill, NumberedFeed, check_cause, misbehave

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.errors import Blame
    from longwire.testing.ledger import Ledger
    from longwire.testing.misbehave import Misbehaviour

    Receive = Callable[..., Ledger]

NAME = "idle-timeout-intermediary"
SUBSCRIBED = {"subscribe": ["trades"]}


@pytest.mark.parametrize(
    ("how", "blame", "because"),
    [
        (misbehave.reset, "unknown", "TCP was reset"),
        (misbehave.end, "unknown", "TCP was ended from outside"),
        (misbehave.close_with(1000), "peer", "closed the link with 1000"),
    ],
    ids=["reset", "end", "close"],
)
async def test_without_a_heartbeat_it_is_named(
    receive: Receive, how: Misbehaviour, blame: Blame, because: str
) -> None:
    """Cut again and again after the same idle time: that is a timer, and the record says which."""
    async with (
        NumberedFeed(watchers=[IdleKill(after=0.3, how=how)], subscription="silent") as feed,
        receive(feed.url, **SUBSCRIBED) as ledger,
    ):
        # Three cuts show it, unless the machine stood still meanwhile.
        for count in range(1, 20):
            await feed.link(count)
            if NAME in {one.cause.id for one in ledger.interrupted}:
                break
            feed.emit(1)
        ledger.check(feed)
        ledger.check_sum(0)
        *before, last = ledger.interrupted
        assert len(before) >= 2
        for interruption in before:
            check_cause(interruption, "unknown", blame="unknown", because=because)
        for reason in ("without a byte; no heartbeat was set", because):
            check_cause(last, NAME, blame=blame, because=reason)
        assert last.cause.remedy


async def test_a_feed_that_says_nothing_is_cut_and_the_obstacle_named(receive: Receive) -> None:
    """No link comes to be live again, so it is one interruption; what keeps it up is told."""
    async with (
        NumberedFeed(watchers=[IdleKill(after=1.2)], subscription="silent") as feed,
        receive(feed.url, **SUBSCRIBED) as ledger,
    ):
        await feed.link(1)
        feed.emit(1)
        await ledger.reached(0)
        await ledger.until(
            lambda: any(one.cause.id == NAME for one in ledger.told),
            "the idle timer by its name",
            timeout=15,
        )
        (interruption,) = ledger.client.interruptions
        assert interruption.obstacle is not None
        for found in (interruption, interruption.obstacle):
            check_cause(found, NAME, blame="unknown", because="without a byte")
        assert interruption.evidence.end == "reset"
        assert ledger.client.alerts[-1].cause == NAME
        ledger.check(feed)


async def test_with_a_heartbeat_it_does_not_strike(receive: Receive) -> None:
    """Pings more often than the idle time keep the link, however quiet the feed is."""
    heartbeat = longwire.Heartbeat(every=0.1, within=10.0)
    async with (
        NumberedFeed(watchers=[IdleKill(after=1.0)]) as feed,
        receive(feed.url, heartbeat=heartbeat) as ledger,
    ):
        link = await feed.link(1)
        await link.wait_pings(12)
        feed.emit(1)
        await ledger.reached(0)
        ledger.check(feed)
        assert len(feed.links) == 1
        assert len(ledger.client.interruptions) == 0


async def test_a_flow_that_is_silently_swallowed(receive: Receive) -> None:
    """No FIN, no RST, just nothing: the heartbeat finds out. What swallowed it, nobody can tell."""
    heartbeat = longwire.Heartbeat(every=0.5, within=0.2)
    async with (
        NumberedFeed(watchers=[IdleKill(after=0.2, how=misbehave.freeze)]) as feed,
        receive(feed.url, heartbeat=heartbeat) as ledger,
    ):
        await feed.link(1)
        feed.emit(2)
        await feed.link(2)
        feed.emit(1)
        await ledger.reached(2)
        ledger.check(feed)
        ledger.check_sum(0, 2)
        interruption = ledger.client.interruptions[0]
        check_cause(
            interruption, "half-open-undetected", blame="unknown", because="a ping of ours was"
        )
        assert interruption.evidence.end == "heartbeat-timeout"


@pytest.mark.slow
@pytest.mark.timeout(60)
async def test_a_flow_that_is_forgotten_is_named(receive: Receive) -> None:
    """The first ping after an idle stretch is answered by a reset, again and again.

    No NAT is believed to forget within less than five seconds, so three lives take their time.
    """
    heartbeat = longwire.Heartbeat(every=5.2, within=2.0)
    async with (
        NumberedFeed(watchers=[IdleKill(after=1.0, how=misbehave.forget)]) as feed,
        receive(feed.url, heartbeat=heartbeat) as ledger,
    ):
        # Three lives show it, unless the machine stood still meanwhile.
        for count in range(1, 8):
            await feed.link(count)
            feed.emit(2)
            await ledger.until(lambda count=count: len(ledger.interrupted) >= count, "a cut")  # type: ignore[misc]  # a bound default
            if ledger.interrupted[-1].cause.id == "nat-silent-drop":
                break
        await feed.link(len(ledger.interrupted) + 1)
        feed.emit(1)
        await ledger.reached(feed.next_number - 1)
        ledger.check(feed)
        ledger.check_sum(0)
        *before, last = ledger.interrupted
        assert len(before) >= 2
        for interruption in before:
            check_cause(interruption, "unknown", blame="unknown", because="TCP was reset")
        check_cause(
            last,
            "nat-silent-drop",
            blame="network",
            because="our next ping was answered by a reset",
        )
        assert last.evidence.end == "reset"
