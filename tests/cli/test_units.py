"""Lengths of time for people and machines."""

from __future__ import annotations

import time

import pytest

from longwire.cli.units import counted, milliseconds, span, unix_milliseconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0.0, "0 ms"),
        (0.00049, "0.5 ms"),
        (0.0099, "9.9 ms"),
        (0.0101, "10 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (99.9, "99.9 s"),
        (120.0, "2 min"),
        (5_940.0, "99 min"),
        (7_200.0, "2.0 h"),
    ],
)
def test_span(seconds: float | None, text: str) -> None:
    """Few characters, and never a unit too small for the number."""
    assert span(seconds) == text
    assert len(text) <= 7


def test_milliseconds() -> None:
    """Seconds become milliseconds; what is unknown stays so."""
    assert milliseconds(0.0123456) == 12.346
    assert milliseconds(None) is None


def test_wall_time_of_a_monotonic_moment() -> None:
    """A moment some seconds ago was so many milliseconds ago."""
    ago = unix_milliseconds() - unix_milliseconds(time.monotonic() - 5)
    assert 4_900 <= ago <= 60_000


def test_counted() -> None:
    """One is no plural."""
    assert counted(1, "link") == "1 link"
    assert counted(0, "link") == "0 links"
    assert counted(1234, "link") == "1,234 links"
