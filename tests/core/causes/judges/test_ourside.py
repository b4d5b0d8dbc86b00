"""Our own side: sleep, blocked loops, full inboxes, a stuffed way out."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.core.causes import Evidence, Kernel, classify

PING_TIMEOUT = "keepalive ping timeout"


def closed(code: int, reason: str = "", **more: Any) -> Evidence:
    """The peer closed."""
    return Evidence(end="close-received", received_code=code, received_reason=reason, **more)


def inline(end: Any, lag: float, **more: Any) -> Evidence:
    """A link on the user's loop, which stood still."""
    return Evidence(end=end, isolated=False, loop_lag=lag, io_lag=lag, **more)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        # The peer missed a pong, and the loop that should have sent it stood still.
        (closed(1011, PING_TIMEOUT, loop_lag=5.0), "blocked-event-loop"),
        (closed(1011, PING_TIMEOUT, isolated=False, loop_lag=5.0), "blocked-event-loop"),
        (closed(1011, PING_TIMEOUT, io_lag=5.0), "blocked-event-loop"),
        (closed(4000, "no pong received", io_lag=0.6), "blocked-event-loop"),
        (closed(1011, PING_TIMEOUT, loop_lag=0.1), "unknown"),
        (closed(1011, PING_TIMEOUT), "unknown"),
        # Isolated, and the link's own loop was on time: the user's lag explains nothing.
        (closed(1011, PING_TIMEOUT, loop_lag=5.0, io_lag=0.01), "unknown"),
        # Unless it kept the inbox full.
        (
            closed(1011, PING_TIMEOUT, loop_lag=5.0, io_lag=0.01, reading_paused_for=4.0),
            "blocked-event-loop",
        ),
        (
            closed(1011, PING_TIMEOUT, loop_lag=0.6, io_lag=0.01, reading_paused_for=30.0),
            "slow-handler-inline",
        ),
        # Another reason than a missed pong is another matter, lag or not.
        (closed(1011, "internal error", loop_lag=5.0, io_lag=5.0), "unknown"),
        (closed(1012, "", loop_lag=5.0, io_lag=5.0), "deploy-restart"),
        (closed(1008, "slow consumer", loop_lag=5.0, io_lag=5.0), "slow-consumer-eviction"),
        # Without words it takes a longer standstill of the loop that carries the link.
        (inline("reset", 5.0), "blocked-event-loop"),
        (inline("eof", 4.0, heartbeat_within=10.0), "blocked-event-loop"),
        (inline("eof", 3.0, heartbeat_within=10.0), "unknown"),
        (inline("eof", 2.1, heartbeat_within=1.0), "blocked-event-loop"),
        (inline("eof", 1.0, heartbeat_within=0.1), "unknown"),
        (Evidence(end="eof", loop_lag=60.0), "unknown"),
        (Evidence(end="eof", loop_lag=60.0, io_lag=0.2), "unknown"),
        (Evidence(end="eof", loop_lag=0.2, io_lag=5.0), "blocked-event-loop"),
    ],
)
def test_blocked_loops(evidence: Evidence, expected: str) -> None:
    """A lag is blamed for what it explains, and for nothing else."""
    assert classify(evidence).cause.id == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (closed(1011, PING_TIMEOUT, reading_paused_for=0.2), "slow-handler-inline"),
        (Evidence(end="eof", reading_paused_for=8.0), "slow-handler-inline"),
        (Evidence(end="reset", reading_paused_for=8.0, loop_lag=0.3), "slow-handler-inline"),
        (Evidence(end="reset", reading_paused_for=8.0, loop_lag=7.5), "blocked-event-loop"),
        (Evidence(end="eof", reading_paused_for=0.2), "unknown"),
        # Thrown out: by the peer's words, or by its code while we did not read.
        (closed(1008, "client too slow", reading_paused_for=8.0), "slow-consumer-eviction"),
        (closed(1008, reading_paused_for=8.0), "slow-consumer-eviction"),
        (closed(1013, reading_paused_for=8.0), "slow-consumer-eviction"),
        (closed(1008, reading_paused_for=0.2), "unknown"),
        (closed(1008, "no reason you would guess", reading_paused_for=8.0), "unknown"),
        (closed(4000, reading_paused_for=8.0), "unknown"),
        (closed(1000, reading_paused_for=8.0), "unknown"),
        (closed(1001, reading_paused_for=8.0), "deploy-restart"),
        (closed(1012, reading_paused_for=8.0), "deploy-restart"),
        (closed(1008, "token expired", reading_paused_for=8.0), "auth-expired"),
    ],
)
def test_full_inboxes(evidence: Evidence, expected: str) -> None:
    """A pause is never left as unknown after a missed pong, and accuses nobody of other ends."""
    assert classify(evidence).cause.id == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (closed(1011, PING_TIMEOUT, kernel=Kernel(unsent=200_000)), "heartbeat-starved-by-data"),
        (closed(1011, PING_TIMEOUT, write_buffered=2**20), "heartbeat-starved-by-data"),
        (closed(1011, PING_TIMEOUT, write_buffered=100), "unknown"),
        (closed(1011, "internal error", write_buffered=2**20), "unknown"),
        (closed(1011, PING_TIMEOUT, write_buffered=2**20, io_lag=3.0), "blocked-event-loop"),
    ],
)
def test_pongs_behind_data(evidence: Evidence, expected: str) -> None:
    """A missed pong with much unsent in front of it."""
    assert classify(evidence).cause.id == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Evidence(end="heartbeat-timeout", clock_jump=900.0), "sleep-wake"),
        (Evidence(end="reset", clock_jump=900.0), "sleep-wake"),
        (Evidence(end="eof", clock_jump=11.0), "sleep-wake"),
        (closed(1011, PING_TIMEOUT, clock_jump=900.0), "sleep-wake"),
        # A corrected clock, a clock set back, a short stop: TCP and heartbeat survive these.
        (Evidence(end="reset", clock_jump=2.0), "unknown"),
        (Evidence(end="reset", clock_jump=-900.0), "unknown"),
        (Evidence(end="heartbeat-timeout", clock_jump=-900.0), "half-open-undetected"),
        # The peer explains itself: the nap is not the reason.
        (closed(1012, clock_jump=900.0), "deploy-restart"),
        (closed(1000, "token expired", clock_jump=900.0), "auth-expired"),
        (Evidence(end="silence", canary="data", clock_jump=900.0), "zombie-stream"),
    ],
)
def test_sleep(evidence: Evidence, expected: str) -> None:
    """The wall clock ran far ahead, and the link was dead."""
    assert classify(evidence).cause.id == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("InboxFull: the inbox holds 65536 messages", "bounded-queue-overflow"),
        ("RuntimeError: InboxFull", "unknown"),
        ("", "unknown"),
    ],
)
def test_overflow(error: str, expected: str) -> None:
    """The policy "fail", by the error it raises."""
    assert classify(Evidence(end="local-error", error=error)).cause.id == expected


def test_reasons_have_the_numbers() -> None:
    """How long the loop stood still, how long reading was paused, what waited."""
    text = " ".join(
        classify(
            closed(
                1011,
                PING_TIMEOUT,
                loop_lag=5.25,
                reading_paused_for=6.0,
                queued=65_536,
                inbox_limit=65_536,
            )
        ).reasons
    )
    for part in ("5.2 s", "6.0 s", "65536 of at most 65536", PING_TIMEOUT):
        assert part in text
