"""The zombie stream: socket open, pings answered, no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import longwire
from longwire.testing import NumberedFeed, check_cause, misbehave

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]

SILENCE = longwire.Heartbeat(every=0.1, within=5.0, silence=0.3)
TRADES = longwire.Subscription("trades", is_ack=lambda data: '"ok"' in str(data))


async def test_a_deaf_link_is_replaced(receive: Receive) -> None:
    """A canary with the same subscription hears data: it becomes the link, the old one goes."""
    async with (
        NumberedFeed(rate=200, subscription="ack") as feed,
        receive(feed.url, heartbeat=SILENCE, subscribe=[TRADES]) as ledger,
    ):
        first = await feed.link(1)
        await ledger.until(lambda: len(ledger.numbers) >= 5, "five numbers")
        misbehave.mute(first)
        second = await feed.link(2)
        await ledger.until(lambda: bool(ledger.recovered), "Recovered")
        start = second.sent[0]
        await ledger.reached(start + 20)
        await first.wait_ended()
        (interruption,) = ledger.client.interruptions
        check_cause(
            interruption, "zombie-stream", blame="peer", because="No data came on this link"
        )
        assert interruption.evidence.canary == "data"
        assert second.messages == ["trades"]
        ledger.check_order()
        ledger.check_link(first)
        ledger.check_sum()


async def test_a_quiet_feed_is_left_alone(receive: Receive) -> None:
    """The canary hears nothing either: the link stays, and the quiet is told, not cured."""
    async with (
        NumberedFeed(subscription="ack") as feed,
        receive(feed.url, heartbeat=SILENCE, subscribe=[TRADES]) as ledger,
    ):
        first = await feed.link(1)
        feed.emit(3)
        await ledger.reached(2)
        canary = await feed.link(2)
        await canary.wait_ended()
        assert not first.ended
        feed.emit(3)
        await ledger.reached(5)
        assert ledger.numbers == [0, 1, 2, 3, 4, 5]
        ledger.check(feed)
        assert len(ledger.client.interruptions) == 0
        assert [(one.kind, one.cause) for one in ledger.client.alerts] == [
            ("quiet-feed", "upstream-feed-dead")
        ]


async def test_acknowledged_and_then_nothing(receive: Receive) -> None:
    """A subscription that is acknowledged but never wired up is not healthy."""
    async with (
        NumberedFeed(rate=200, subscription="ack-then-mute") as feed,
        receive(feed.url, heartbeat=SILENCE, subscribe=[TRADES]) as ledger,
    ):
        await feed.link(1)
        feed.subscription = "ack"
        second = await feed.link(2)
        await ledger.until(lambda: len(ledger.numbers) >= 5, "five numbers")
        ledger.check_order()
        ledger.check_link(second, at_least=5)
        assert second.messages == ["trades"]
        await ledger.until(lambda: bool(ledger.recovered), "Recovered")
        (interruption,) = ledger.client.interruptions
        check_cause(
            interruption,
            "subscription-not-confirmed",
            blame="unknown",
            because="no first data came in time",
        )
        assert interruption.evidence.end == "settle-timeout"


async def test_subscriptions_are_sent_anew_on_every_link(receive: Receive) -> None:
    """After a cut the feed hears them again, in order, before it is asked for anything else."""
    async with (
        NumberedFeed(subscription="silent") as feed,
        receive(feed.url, subscribe=["trades", b"\x01book"]) as ledger,
    ):
        for count in (1, 2, 3):
            link = await feed.link(count)
            assert await link.wait_message(2) == b"\x01book"
            assert link.messages == ["trades", b"\x01book"]
            feed.emit(2)
            await link.ping()
            misbehave.reset(link)
        await ledger.reached(5)
        ledger.check(feed)
        for interruption in ledger.interrupted:
            check_cause(interruption, "unknown", blame="unknown", because="TCP was reset")


async def test_a_refused_subscription_is_an_error(receive: Receive) -> None:
    """The user learns what the server said."""

    subscription = longwire.Subscription("trades", is_refusal=lambda data: "error" in str(data))
    async with (
        NumberedFeed(subscription="refuse") as feed,
        receive(feed.url, subscribe=[subscription]) as ledger,
    ):
        error = await ledger.ended()
        assert isinstance(error, longwire.SubscriptionRefused)
        assert "refused" in str(error.answer)
