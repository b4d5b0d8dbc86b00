"""Peers that vanish, freeze or stop reading, and packets that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.core.causes import Evidence, Kernel, classify

QUIET = Kernel(unread=0, unsent=0, unacked=0, retransmits=0)
REPEATING = Kernel(unread=0, unsent=40, unacked=3, retransmits=6)
STUCK = Kernel(unread=0, unsent=30_000, unacked=20, retransmits=6)


def unanswered(**more: Any) -> Evidence:
    """No byte within the bound after a ping."""
    fields: dict[str, Any] = {
        "heartbeat_within": 10.0,
        "byte_age": 24.0,
        "ping_unanswered_for": 10.0,
        "isolated": True,
        "io_lag": 0.01,
    }
    return Evidence(end="heartbeat-timeout", **{**fields, **more})


@pytest.mark.parametrize(
    ("evidence", "expected", "blame"),
    [
        (unanswered(), "half-open-undetected", "unknown"),
        (unanswered(kernel=QUIET), "half-open-undetected", "unknown"),
        (unanswered(kernel=REPEATING), "half-open-undetected", "network"),
        # In flight, but not for long enough to be repeated: that may still be acknowledged.
        (unanswered(kernel=Kernel(unacked=1, retransmits=0)), "half-open-undetected", "unknown"),
        (unanswered(kernel=Kernel(unacked=0)), "half-open-undetected", "unknown"),
        # We were not listening: the peer is not to blame.
        (unanswered(kernel=Kernel(unread=900)), "unknown", "unknown"),
        (unanswered(reading_paused_for=15.0), "slow-handler-inline", "local"),
        (unanswered(reading_paused_for=0.1), "unknown", "unknown"),
        (unanswered(io_lag=12.0), "blocked-event-loop", "local"),
        # A lag below the bound does not explain it, for the heartbeat reads before it judges.
        (unanswered(io_lag=4.0), "half-open-undetected", "unknown"),
        (unanswered(heartbeat_within=0.3, io_lag=0.6), "half-open-undetected", "unknown"),
        (unanswered(loop_lag=60.0), "half-open-undetected", "unknown"),
        (unanswered(isolated=False, loop_lag=60.0), "blocked-event-loop", "local"),
    ],
)
def test_silence_on_the_wire(evidence: Evidence, expected: str, blame: str) -> None:
    """Half-open, unless it was us; the kernel's counts decide whom to blame."""
    found = classify(evidence).cause
    assert (found.id, found.blame) == (expected, blame)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("TimeoutError: [Errno 110] Connection timed out", "half-open-undetected"),
        ("OSError: [Errno 113] No route to host", "half-open-undetected"),
        ("ConnectionResetError: [Errno 104] Connection reset by peer", "unknown"),
        ("BrokenPipeError: [Errno 32] Broken pipe", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_kernel_that_gives_up(error: str, expected: str) -> None:
    """Only its own time limit is proof; a reset may come from anybody for any reason."""
    assert classify(Evidence(end="reset", error=error)).cause.id == expected


def stuck(**more: Any) -> Evidence:
    """Nothing could be written for the whole time limit."""
    return Evidence(end="write-timeout", write_buffered=2**20, **more)


@pytest.mark.parametrize(
    ("evidence", "expected", "blame"),
    [
        (stuck(), "send-without-timeout", "unknown"),
        (
            stuck(kernel=Kernel(unsent=9_000, unacked=0, retransmits=0)),
            "send-without-timeout",
            "unknown",
        ),
        (stuck(kernel=STUCK, byte_age=70.0), "half-open-undetected", "network"),
        (stuck(kernel=REPEATING), "half-open-undetected", "network"),
        (
            stuck(byte_age=70.0, ping_unanswered_for=60.0, heartbeat_within=10.0),
            "half-open-undetected",
            "unknown",
        ),
        # A single retransmission, or bytes that still come in, leave both readings open.
        (stuck(kernel=Kernel(unsent=40, unacked=1, retransmits=1)), "unknown", "unknown"),
        (stuck(kernel=REPEATING, byte_age=0.3), "unknown", "unknown"),
        (Evidence(end="eof", kernel=QUIET), "unknown", "unknown"),
        (Evidence(end="eof", kernel=REPEATING), "unknown", "unknown"),
        # Big packets are lost while the peer's bytes still arrive.
        (stuck(kernel=STUCK, byte_age=0.3), "mtu-blackhole", "network"),
        (Evidence(end="reset", kernel=STUCK, byte_age=0.3), "mtu-blackhole", "network"),
        (Evidence(end="reset", kernel=STUCK, byte_age=30.0), "unknown", "unknown"),
        (Evidence(end="reset", kernel=REPEATING, byte_age=0.3), "unknown", "unknown"),
        (Evidence(end="reset", kernel=STUCK), "unknown", "unknown"),
    ],
)
def test_a_way_out_that_is_stuck(evidence: Evidence, expected: str, blame: str) -> None:
    """A peer that does not read, a path that is dead, or one that carries small packets only."""
    found = classify(evidence).cause
    assert (found.id, found.blame) == (expected, blame)


def test_acknowledgements_come_from_whatever_ends_tcp() -> None:
    """That may be a proxy: neither the reasons nor the blame say more than that."""
    verdict = classify(unanswered(kernel=QUIET))
    assert verdict.cause.blame == "unknown"
    assert "the server or a proxy in front of it" in verdict.reasons[-1]


def test_reasons_have_the_numbers() -> None:
    """Ages, bound and the kernel's counts."""
    text = " ".join(classify(unanswered(kernel=REPEATING)).reasons)
    for part in ("24.0 s", "10.0 s", "6 retransmissions", "3 segments"):
        assert part in text
