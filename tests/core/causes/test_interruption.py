"""The record of an interruption, and the one line it makes of itself."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from longwire.core.causes import (
    UNKNOWN,
    Evidence,
    Interruption,
    Kernel,
    Outcome,
    Verdict,
    cause,
    classify,
)


def interruption(**changes: Any) -> Interruption:
    """One that has recovered, with what the test changes."""
    fields: dict[str, Any] = {
        "cause": cause("half-open-undetected"),
        "reasons": ("No byte came for 30.0 s.", "The link was 90.0 s old."),
        "started": 100.0,
        "noticed": 130.0,
        "ended": 132.5,
        "outcome": "recovered",
        "evidence": Evidence(end="heartbeat-timeout", kernel=Kernel(unacked=0)),
        "closure": None,
        "attempts": 1,
    }
    return Interruption(**{**fields, **changes})


def test_it_is_told_in_one_line() -> None:
    """Title, id, duration, outcome and the first reason."""
    assert str(interruption()) == (
        "The far end is gone, and TCP has not noticed [half-open-undetected], 32.5 s, recovered: "
        "No byte came for 30.0 s."
    )


def test_while_it_lasts_no_duration_is_told() -> None:
    """A pending interruption has no end yet."""
    pending = interruption(ended=None, outcome="pending")
    assert pending.duration is None
    assert "[half-open-undetected], pending: No byte" in str(pending)


def test_without_reasons_the_line_ends_with_the_outcome() -> None:
    """Nothing dangles."""
    assert str(interruption(cause=UNKNOWN, reasons=())) == (
        "Cause not proved [unknown], 32.5 s, recovered"
    )


def test_the_line_stays_one_line() -> None:
    """Whatever a reason holds, a log record does not break."""
    assert "\n" not in str(interruption(reasons=("first\nsecond\r\nthird",)))


def test_the_duration_is_from_start_to_end() -> None:
    """In seconds, from the last sign of life, not from when it was noticed."""
    assert interruption().duration == 32.5


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_every_outcome_is_told(outcome: str) -> None:
    """The word appears as it is."""
    assert f", {outcome}: " in str(interruption(outcome=outcome))


def test_records_cannot_be_changed() -> None:
    """Neither an interruption nor a verdict."""
    record = interruption()
    with pytest.raises(AttributeError):
        record.attempts = 2  # type: ignore[misc]  # the very thing under test
    verdict = classify(record.evidence)
    assert isinstance(verdict, Verdict)
    with pytest.raises(AttributeError):
        verdict.reasons = ()  # type: ignore[misc]  # the very thing under test


def test_it_can_be_encoded_for_a_log() -> None:
    """msgspec turns it into JSON and its evidence back."""
    text = msgspec.json.encode(interruption())
    assert b'"half-open-undetected"' in text
    again = msgspec.json.decode(msgspec.json.encode(interruption().evidence), type=Evidence)
    assert again == interruption().evidence
