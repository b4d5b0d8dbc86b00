"""Options that make no sense are refused, with their name and what would make sense."""

from __future__ import annotations

import math

import pytest

from longwire.chaos.bounds import above_zero, at_least, between, header_value, short_enough


def test_what_is_within_its_bounds_passes() -> None:
    """The bounds themselves belong to them, but for 0 where more is wanted."""
    at_least(0, seconds=0.0, jitter=5.0)
    above_zero(age=math.inf, idle=1e-9)
    between(1, 65535, code=1)
    between(1, 65535, code=65535)
    short_enough(2, reason="é")
    header_value(location="", subprotocol="a b")


def test_numbers_outside_are_refused() -> None:
    """The first that is wrong is named; what is no number is not within anything."""
    with pytest.raises(ValueError, match=r"^n must be at least 1, not 0$"):
        at_least(1, size=1, n=0)
    with pytest.raises(ValueError, match=r"^age must be more than 0, not 0$"):
        above_zero(age=0.0)
    with pytest.raises(ValueError, match=r"^rate must be from 1 to 1000000, not 0\.5$"):
        between(1, 1_000_000, rate=0.5)
    with pytest.raises(ValueError, match="at least 0, not nan"):
        at_least(0, x=math.nan)
    with pytest.raises(ValueError, match="more than 0, not nan"):
        above_zero(x=math.nan)


def test_text_that_does_not_fit_is_refused() -> None:
    """It is measured in bytes; what could end a field of HTTP cannot stand in one."""
    with pytest.raises(ValueError, match=r"^reason must be 2 bytes at most, not 3$"):
        short_enough(2, reason="€")
    for text in ("a\r\nb: c", "é", "\t"):
        with pytest.raises(ValueError, match=r"^location must be printable ASCII$"):
            header_value(location=text)
