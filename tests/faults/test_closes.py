"""The peer closes: every class of code, and servers that accept only to close."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.testing import NumberedFeed, misbehave, openings

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]
    Survive = Callable[..., Any]


@pytest.mark.parametrize(
    ("code", "reason", "cause"),
    [
        (1000, "", "unknown"),
        (1001, "going away", "deploy-restart"),
        (1008, "slow consumer", "slow-consumer-eviction"),
        (1011, "internal error", "unknown"),
        (1012, "restart", "deploy-restart"),
        (1013, "overloaded", "unknown"),
        (4000, "feed moved", "unknown"),
        (4999, "", "unknown"),
        (None, "", "unknown"),
    ],
)
async def test_close_codes(
    receive: Receive, survive: Survive, code: int | None, reason: str, cause: str
) -> None:
    """Everything before the close frame is handed over; code and reason are kept; it comes back."""
    async with NumberedFeed() as feed, receive(feed.url) as ledger:
        interruption = await survive(feed, ledger, misbehave.close_with(code, reason))
        first = feed.links[0]
    assert interruption.evidence.end == "close-received"
    assert interruption.evidence.received_code == (1005 if code is None else code)
    assert interruption.evidence.received_reason == reason
    assert interruption.evidence.last_speaker == "peer"
    assert first.received_close == (code, ""), "the close frame is answered with its code"
    assert interruption.cause.id == cause


FIRST, FACTOR, CAP = 0.02, 2.0, 0.16
STEADY = longwire.Retry(first=FIRST, factor=FACTOR, cap=CAP, jitter=0.0)


@pytest.mark.parametrize("code", [None, 1008, 1011, 1012, 4001])
async def test_accept_then_close_is_not_hammered(receive: Receive, code: int | None) -> None:
    """A handshake is no success: the delays grow although every opening goes well."""
    async with NumberedFeed(opening=openings.accept_then_close(code)) as feed:
        async with receive(feed.url, retry=STEADY):
            await feed.attempt(6)
        times = [link.accepted_at for link in feed.links]
    delays = [after - before for before, after in itertools.pairwise(times)]
    # Without jitter every delay has a floor. Codes that mean "soon" stay at it for three failures.
    assert all(delay >= FIRST * 0.9 for delay in delays)
    assert max(delays) >= FIRST * FACTOR**2 * 0.9


async def test_try_again_later_is_obeyed(receive: Receive) -> None:
    """1013 waits longer from the first time on."""
    retry = longwire.Retry(first=0.01, cap=0.3, jitter=0.0)
    async with NumberedFeed(opening=openings.accept_then_close(1013)) as feed:
        async with receive(feed.url, retry=retry):
            await feed.attempt(3)
        times = [link.accepted_at for link in feed.links]
    assert all(after - before >= 0.3 * 0.9 for before, after in itertools.pairwise(times))


async def test_a_loop_of_short_lives_is_one_interruption_or_named(receive: Receive) -> None:
    """Once the server means it, the client is live; every short life before is on record."""
    async with NumberedFeed() as feed:
        feed.openings_once.extend([openings.accept_then_close(1011)] * 3)
        async with receive(feed.url) as ledger:
            link = await feed.link(4)
            feed.emit(3)
            await ledger.reached(2)
            assert ledger.numbers == [0, 1, 2]
            assert link.sent == [0, 1, 2]
            assert all(one.outcome == "recovered" for one in ledger.client.interruptions)
            assert ledger.client.stats().links == 4


@pytest.mark.parametrize(
    "fault",
    [misbehave.close_with(1000), misbehave.close_with(4003, "bye"), misbehave.reset, misbehave.end],
    ids=["1000", "4003", "reset", "fin"],
)
async def test_short_lives_that_bring_messages_are_no_refusals(
    receive: Receive, fault: Callable[[Any], object]
) -> None:
    """A server that sends and then ends, over and over: why, nobody has proved."""
    async with NumberedFeed() as feed, receive(feed.url) as ledger:
        for count in range(1, 5):
            await feed.link(count)
            feed.after(2 * count - 1, fault)
            feed.emit(2)
        await feed.link(5)
        feed.emit(1)
        await ledger.reached(8)
        ledger.check(feed)
        named = [one.cause.id for one in ledger.client.interruptions]
    assert named == ["unknown"] * 4


async def test_short_lives_without_a_message_are_named_as_what_they_are(receive: Receive) -> None:
    """Opened and ended at once, in a loop; the reasons say no more than that."""
    async with NumberedFeed(opening=openings.accept_then_close(4003)) as feed:
        async with receive(feed.url) as ledger:
            await ledger.until(
                lambda: (
                    bool(ledger.client.interruptions)
                    and ledger.client.interruptions[-1].evidence.short_lives >= 3
                ),
                what="three barren lives",
            )
            last = ledger.client.interruptions[-1]
    assert (last.cause.id, last.cause.blame) == ("backoff-reset-on-open", "unknown")
    assert "brought no message" in last.reasons[0]
    assert "says no" not in last.reasons[0]


async def test_without_retry_a_normal_end_is_the_end(receive: Receive) -> None:
    """``retry=None``: after 1000 the iteration just ends, after all messages."""
    async with NumberedFeed() as feed, receive(feed.url, retry=None) as ledger:
        await feed.link(1)
        feed.emit(3)
        feed.after(3, misbehave.close_with(1000))
        feed.emit(1)
        assert await ledger.ended() is None
        assert ledger.numbers == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "fault",
    [misbehave.close_with(1011, "x"), misbehave.close_with(4000), misbehave.reset, misbehave.end],
    ids=["1011", "4000", "reset", "fin"],
)
async def test_without_retry_any_other_end_raises(
    receive: Receive, fault: Callable[[Any], object]
) -> None:
    """``retry=None``: everything received first, then an error that says what happened."""
    async with NumberedFeed() as feed, receive(feed.url, retry=None) as ledger:
        await feed.link(1)
        feed.after(3, fault)
        feed.emit(4)
        error = await ledger.ended()
        assert isinstance(error, longwire.GaveUp)
        assert isinstance(error.interruption, longwire.Interruption)
        assert error.interruption.outcome == "gave-up"
        assert ledger.numbers == [0, 1, 2, 3]
