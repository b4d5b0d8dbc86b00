"""The rate as a number and as bars."""

from __future__ import annotations

import time

import pytest

from longwire.cli.rate import Rate


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its one element is the time."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_nothing_is_zero(clock: list[float]) -> None:
    """Before the first sample there is no rate, and no bar."""
    rate = Rate(4)
    assert rate.per_second == 0
    assert str(rate) == "    "


def test_bars_and_number(clock: list[float]) -> None:
    """The highest bar is full, a rate above zero is never invisible."""
    rate = Rate(3, sample=1.0)
    for total in (1, 1001, 1501):
        clock[0] += 1
        rate.note(total)
    assert rate.per_second == 500
    assert str(rate) == "▁█▄"


def test_samples_are_not_shorter_than_asked_for(clock: list[float]) -> None:
    """Calls in between change nothing; a late one is divided by the time that passed."""
    rate = Rate(2, sample=1.0)
    clock[0] += 0.5
    rate.note(1000)
    assert rate.per_second == 0
    clock[0] += 3.5
    rate.note(1000)
    assert rate.per_second == 250
