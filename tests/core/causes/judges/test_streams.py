"""Links that live and bring no data."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.core.causes import Evidence, Kernel, classify

LIVED: dict[str, Any] = {"earlier_ages": (90.0,), "earlier_ends": ("eof",)}
OVERDUE: dict[str, Any] = {"ping_unanswered_for": 12.0, "heartbeat_within": 10.0, "byte_age": 15.0}
ALIVE: dict[str, Any] = {"pong_age": 2.0, "byte_age": 2.0, "heartbeat_within": 10.0}


def silent(**more: Any) -> Evidence:
    """No data for longer than ``Heartbeat.silence``."""
    return Evidence(end="silence", silence=30.0, data_age=31.0, **more)


def unsettled(**more: Any) -> Evidence:
    """No first data behind the subscriptions."""
    return Evidence(end="settle-timeout", **more)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (silent(canary="data", **ALIVE), "zombie-stream"),
        (silent(canary="data"), "zombie-stream"),
        # A quiet feed and a deaf one look the same without a canary that hears data.
        (silent(canary="silent", **ALIVE), "unknown"),
        (silent(canary="failed", **ALIVE), "unknown"),
        (silent(**ALIVE), "unknown"),
        # The transport is in doubt: then it is not the stream.
        (silent(canary="data", **OVERDUE), "half-open-undetected"),
        (silent(canary="data", kernel=Kernel(retransmits=4)), "half-open-undetected"),
        (silent(canary="data", kernel=Kernel(retransmits=1)), "zombie-stream"),
        # An overdue pong on a link that still brings bytes is no sign of death.
        (
            silent(canary="data", ping_unanswered_for=12.0, heartbeat_within=10.0, byte_age=0.1),
            "zombie-stream",
        ),
        (unsettled(subscriptions=2, **ALIVE), "subscription-not-confirmed"),
        (unsettled(subscriptions=2, canary="data", **ALIVE), "subscription-not-confirmed"),
        (unsettled(subscriptions=2, canary="data", **LIVED), "reconnected-but-deaf"),
        (unsettled(subscriptions=2, canary="silent", **LIVED), "subscription-not-confirmed"),
        (unsettled(subscriptions=0, **ALIVE), "unknown"),
        (unsettled(subscriptions=2, **OVERDUE), "half-open-undetected"),
        (Evidence(end="subscription-refused"), "subscription-not-confirmed"),
    ],
)
def test_streams(evidence: Evidence, expected: str) -> None:
    """One row for each, and for its near misses."""
    assert classify(evidence).cause.id == expected


def test_reasons_tell_both_clocks() -> None:
    """How long without data, what was allowed, and that the transport was alive."""
    text = " ".join(classify(silent(canary="data", **ALIVE)).reasons)
    assert "31.0 s" in text
    assert "30.0 s" in text
    assert "pong had come 2.0 s" in text
