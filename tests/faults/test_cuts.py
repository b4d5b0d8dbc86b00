"""The wire is cut: reset, FIN without close, in mid-frame, or frozen."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.testing import NumberedFeed, check_cause, frames, misbehave

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.testing import RawLink
    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]
    Survive = Callable[..., Any]
    Misbehaviour = Callable[[RawLink], object]

RESET = "TCP was reset or given up, without a close frame"
ENDED = "TCP was ended from outside without a close frame"
"""Who did it, and why, nobody on this side can prove: the cause is unknown, and this is said."""


@pytest.mark.both_loops
async def test_reset(receive: Receive, survive: Survive) -> None:
    """What the kernel had received is handed over before the reset is told."""
    async with NumberedFeed() as feed, receive(feed.url) as ledger:
        interruption = await survive(
            feed, ledger, misbehave.reset, cause="unknown", blame="unknown", because=RESET
        )
    assert interruption.evidence.end == "reset"
    assert interruption.closure.end == "reset"
    assert interruption.closure.received_code is None


@pytest.mark.both_loops
@pytest.mark.parametrize(
    ("cut", "cut_short"),
    [
        (misbehave.end, False),
        (misbehave.cut_inside_frame, True),
        (misbehave.cut_inside_header, True),
        (misbehave.cut_inside_message, True),
    ],
)
async def test_fin_without_close(
    receive: Receive, survive: Survive, cut: Misbehaviour, cut_short: bool
) -> None:
    """Complete messages are handed over; the piece of one is not, but it is on record."""
    async with NumberedFeed() as feed, receive(feed.url) as ledger:
        interruption = await survive(
            feed, ledger, cut, cause="unknown", blame="unknown", because=ENDED
        )
    assert interruption.evidence.end == "eof"
    assert interruption.evidence.partial_frame is cut_short
    inside = any("in the middle of a frame" in reason for reason in interruption.reasons)
    assert inside is cut_short
    assert interruption.evidence.messages == 8


EVERY, WITHIN = 0.4, 1.2
BOUND = (EVERY + WITHIN) * 1.1
"""Seconds from a peer's freeze to the start of the reconnect; the machine's own lateness comes on
top of it, as far as it was measured."""
SILENT = "No byte came for"


@pytest.mark.parametrize("freeze", [misbehave.freeze, misbehave.freeze_inside_frame])
async def test_half_open(
    receive: Receive, survive: Survive, lateness: Callable[[], float], freeze: Misbehaviour
) -> None:
    """From a peer's freeze to the next dial at most ``every + within`` and 10 % go by.

    However long the back-off would be: the time without a sign of life counts as waited.
    """
    frozen: list[float] = []

    def misbehaviour(link: RawLink) -> None:
        freeze(link)
        frozen.append(time.monotonic())

    heartbeat = longwire.Heartbeat(every=EVERY, within=WITHIN)
    retry = longwire.Retry(first=WITHIN / 2, cap=WITHIN, jitter=0.0)
    async with (
        NumberedFeed() as feed,
        receive(feed.url, heartbeat=heartbeat, retry=retry) as ledger,
    ):
        interruption = await survive(
            feed,
            ledger,
            misbehaviour,
            cause="half-open-undetected",
            blame="unknown",
            because=SILENT,
        )
    late = lateness() + (interruption.evidence.io_lag or 0.0)
    assert interruption.evidence.end == "heartbeat-timeout"
    assert feed.links[1].accepted_at - frozen[0] <= BOUND + late
    assert interruption.evidence.ping_unanswered_for >= WITHIN * 0.9


async def test_half_open_right_behind_a_pong(
    receive: Receive, lateness: Callable[[], float]
) -> None:
    """The same where it takes longest, and again on the next link, whose back-off is longer."""
    heartbeat = longwire.Heartbeat(every=EVERY, within=WITHIN)
    retry = longwire.Retry(first=WITHIN / 4, cap=WITHIN, jitter=0.0)
    async with (
        NumberedFeed() as feed,
        receive(feed.url, heartbeat=heartbeat, retry=retry) as ledger,
    ):
        for count in (1, 2):
            link = await feed.link(count)
            await pinged(link)
            link.freeze()
            frozen = time.monotonic()
            after = await feed.attempt(count + 1)
            await ledger.until(partial(has_interruptions, ledger, count), "Interrupted")
            late = lateness() + (ledger.interrupted[-1].evidence.io_lag or 0.0)
            assert after.accepted_at - frozen <= BOUND + late


async def pinged(link: RawLink) -> None:
    """Wait until a link has answered a ping of the client's, and the client has read that."""
    await link.changes.until(
        lambda: any(one.opcode == frames.PING for one in link.frames), what="a ping", timeout=10
    )
    await link.ping()


def has_interruptions(ledger: Ledger, count: int) -> bool:
    """Whether so many have been told."""
    return len(ledger.interrupted) >= count


async def test_half_open_while_the_client_sends(
    receive: Receive, lateness: Callable[[], float]
) -> None:
    """A full write buffer does not keep the heartbeat from noticing, nor lose what had come."""
    heartbeat = longwire.Heartbeat(every=EVERY, within=WITHIN)
    async with NumberedFeed() as feed, receive(feed.url, heartbeat=heartbeat) as ledger:
        link = await feed.link(1)
        await ledger.client.wait_live(10)
        feed.emit(3)
        await link.ping()
        link.freeze()
        frozen = time.monotonic()
        blocked = 0
        while len(feed.links) < 2:
            try:
                await ledger.client.send(bytes(1 << 20))
            except longwire.LongwireError:
                blocked += 1
            if blocked > 1_000:
                pytest.fail("sending neither ends nor waits")
        await feed.link(2)
        feed.emit(3)
        await ledger.reached(5)
        ledger.check(feed)
        ledger.check_sum(0, 5)
        first = ledger.client.interruptions[0]
        check_cause(first, "half-open-undetected", blame="unknown", because=SILENT)
        assert first.evidence.end == "heartbeat-timeout"
        assert first.noticed - frozen <= BOUND + lateness() + (first.evidence.io_lag or 0.0)


async def test_outage(receive: Receive) -> None:
    """The server restarts: links are cut, connections refused, and then it is back."""
    async with NumberedFeed() as feed, receive(feed.url) as ledger:
        await feed.link(1)
        feed.emit(3)
        async with misbehave.outage(feed, misbehave.close_with(1012, "restart")):
            await ledger.until(lambda: bool(ledger.interrupted), "Interrupted")
            feed.emit(2)
        await feed.link(2)
        feed.emit(3)
        await ledger.reached(7)
        ledger.check(feed)
        ledger.check_sum(0, 7)
        (interruption,) = ledger.client.interruptions
        check_cause(interruption, "deploy-restart", blame="peer", because='saying "restart"')
        (gap,) = ledger.gaps
        assert (gap.first, gap.last, gap.count) == (3, 4, 2)


async def test_what_was_missed_is_refilled(receive: Receive, options: dict[str, Any]) -> None:
    """The numbers of the outage are fetched, and come before those after it."""
    async with NumberedFeed() as feed:

        async def refill(gap: longwire.Gap) -> list[str | bytes]:
            assert gap.first is not None
            assert gap.last is not None
            return await feed.refill(gap.first, gap.last)

        sequence = longwire.Sequence(options["sequence"].number, refill=refill)
        async with receive(feed.url, sequence=sequence) as ledger:
            await feed.link(1)
            feed.emit(3)
            async with misbehave.outage(feed):
                feed.emit(4)
            await feed.link(2)
            feed.emit(3)
            await ledger.reached(9)
            assert ledger.numbers == list(range(10))
            (interruption,) = ledger.client.interruptions
            check_cause(interruption, "unknown", blame="unknown", because=RESET)


async def test_cut_while_nobody_reads(options: dict[str, Any]) -> None:
    """Messages that nobody took before the cut are still there after it, and after the next."""
    async with (
        NumberedFeed() as feed,
        longwire.connect(feed.url, **options) as client,
    ):
        for count in (1, 2, 3):
            link = await feed.link(count)
            feed.emit(4)
            if count < 3:
                await link.ping()
                misbehave.reset(link)
        got = [await client.recv(10) for _ in range(12)]
        assert got == [f"{number} of the feed" for number in range(12)]
        assert client.stats().links == 3
        for interruption in client.interruptions:
            check_cause(interruption, "unknown", blame="unknown", because=RESET)
        assert len(client.interruptions) == 2
