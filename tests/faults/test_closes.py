"""The peer closes: every class of code, and servers that accept only to close."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.core.closecodes import describe
from longwire.testing import NumberedFeed, check_cause, misbehave, openings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from longwire.errors import Blame
    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]
    Survive = Callable[..., Any]


def closed_with(code: int | None, reason: str = "") -> str:
    """What the reasons say of a close frame."""
    number = 1005 if code is None else code
    said = f', saying "{reason}"' if reason else " without a reason"
    return f"closed the link with {number} ({describe(number).name}){said}"


@pytest.mark.parametrize(
    ("code", "reason", "named"),
    [
        (1000, "", ("unknown", "unknown")),
        (1001, "going away", ("deploy-restart", "peer")),
        (1001, "", ("deploy-restart", "peer")),
        (1008, "slow consumer", ("slow-consumer-eviction", "local")),
        (1008, "", ("unknown", "unknown")),
        (1011, "internal error", ("unknown", "unknown")),
        (1012, "restart", ("deploy-restart", "peer")),
        (1012, "", ("deploy-restart", "peer")),
        (1013, "overloaded", ("unknown", "unknown")),
        (4000, "feed moved", ("unknown", "unknown")),
        (4401, "", ("auth-expired", "local")),
        (4429, "", ("provider-quota-violation", "local")),
        (4999, "", ("unknown", "unknown")),
        (None, "", ("unknown", "unknown")),
    ],
)
async def test_close_codes(
    receive: Receive, survive: Survive, code: int | None, reason: str, named: tuple[str, Blame]
) -> None:
    """Everything before the close frame is handed over; code and reason are kept; it comes back."""
    async with NumberedFeed() as feed, receive(feed.url) as ledger:
        interruption = await survive(
            feed,
            ledger,
            misbehave.close_with(code, reason),
            cause=named[0],
            blame=named[1],
            because=closed_with(code, reason),
        )
        first = feed.links[0]
    assert interruption.evidence.end == "close-received"
    assert interruption.evidence.received_code == (1005 if code is None else code)
    assert interruption.evidence.received_reason == reason
    assert interruption.evidence.last_speaker == "peer"
    assert first.received_close == (code, ""), "the close frame is answered with its code"


FIRST, FACTOR, CAP = 0.02, 2.0, 0.16
STEADY = longwire.Retry(first=FIRST, factor=FACTOR, cap=CAP, jitter=0.0)


@pytest.mark.parametrize("code", [None, 1008, 1011, 1012, 4001])
async def test_accept_then_close_is_not_hammered(receive: Receive, code: int | None) -> None:
    """A handshake is no success: the delays grow although every opening goes well."""
    async with NumberedFeed(opening=openings.accept_then_close(code)) as feed:
        async with receive(feed.url, retry=STEADY) as ledger:
            await feed.attempt(6)
            await ledger.until(lambda: len(ledger.recovered) >= 5, "five lives")
        check_short_lives(ledger.interrupted, code)
        assert ledger.numbers == []
        times = [link.accepted_at for link in feed.links]
    delays = [after - before for before, after in itertools.pairwise(times)]
    # Without jitter every delay has a floor. Codes that mean "soon" stay at it for three failures.
    assert all(delay >= FIRST * 0.9 for delay in delays)
    assert max(delays) >= FIRST * FACTOR**2 * 0.9


def check_short_lives(interruptions: Sequence[longwire.Interruption], code: int | None) -> None:
    """Three barren lives in a row are a pattern, unless the code says by itself what it is."""
    cause: str
    blame: Blame
    for count, interruption in enumerate(interruptions, start=1):
        if code == 1012:
            cause, blame = "deploy-restart", "peer"
        elif count < 3:
            cause, blame = "unknown", "unknown"
        else:
            cause, blame = "backoff-reset-on-open", "unknown"
        check_cause(interruption, cause, blame=blame, because=closed_with(code))
        if cause == "backoff-reset-on-open":
            barren = f"{count} links in a row opened, brought no message"
            check_cause(interruption, cause, blame=blame, because=barren)


async def test_try_again_later_is_obeyed(receive: Receive) -> None:
    """1013 waits longer from the first time on."""
    retry = longwire.Retry(first=0.01, cap=0.3, jitter=0.0)
    async with NumberedFeed(opening=openings.accept_then_close(1013)) as feed:
        async with receive(feed.url, retry=retry) as ledger:
            await feed.attempt(3)
            await ledger.until(lambda: len(ledger.recovered) >= 2, "two lives")
        check_short_lives(ledger.interrupted, 1013)
        times = [link.accepted_at for link in feed.links]
    assert all(after - before >= 0.3 * 0.9 for before, after in itertools.pairwise(times))


async def test_a_loop_of_short_lives_is_on_record_and_named(receive: Receive) -> None:
    """Once the server means it, the client is live; every short life before has its cause."""
    async with NumberedFeed() as feed:
        feed.openings_once.extend([openings.accept_then_close(1011)] * 3)
        async with receive(feed.url) as ledger:
            link = await feed.link(4)
            feed.emit(3)
            await ledger.reached(2)
            assert link.sent == [0, 1, 2]
            ledger.check(feed)
            ledger.check_sum(0, 2)
            interruptions = ledger.client.interruptions
            check_short_lives(interruptions, 1011)
            assert [one.outcome for one in interruptions] == ["recovered"] * 3
            assert ledger.client.stats().links == 4


@pytest.mark.parametrize(
    ("fault", "because"),
    [
        (misbehave.close_with(1000), closed_with(1000)),
        (misbehave.close_with(4003, "bye"), closed_with(4003, "bye")),
        (misbehave.reset, "TCP was reset"),
        (misbehave.end, "TCP was ended from outside"),
    ],
    ids=["1000", "4003", "reset", "fin"],
)
async def test_short_lives_that_bring_messages_are_no_refusals(
    receive: Receive, fault: Callable[[Any], object], because: str
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
        interruptions = list(ledger.client.interruptions)
    assert len(interruptions) == 4
    for interruption in interruptions:
        check_cause(interruption, "unknown", blame="unknown", because=because)


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
        assert ledger.told == [], "an end that was wanted is no interruption"


@pytest.mark.parametrize(
    ("fault", "cause", "blame", "because"),
    [
        (misbehave.close_with(1011, "x"), "unknown", "unknown", closed_with(1011, "x")),
        (misbehave.close_with(1012), "deploy-restart", "peer", closed_with(1012)),
        (misbehave.close_with(4000), "unknown", "unknown", closed_with(4000)),
        (misbehave.reset, "unknown", "unknown", "TCP was reset"),
        (misbehave.end, "unknown", "unknown", "TCP was ended from outside"),
    ],
    ids=["1011", "1012", "4000", "reset", "fin"],
)
async def test_without_retry_any_other_end_raises(
    receive: Receive, fault: Callable[[Any], object], cause: str, blame: Blame, because: str
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
        check_cause(error.interruption, cause, blame=blame, because=because)
        assert ledger.numbers == [0, 1, 2, 3]
