"""Lengths of time: short for a person, in milliseconds for a machine."""

from __future__ import annotations

import math
import time
from typing import Final

_UNITS: Final = (
    # below so many seconds, so many of these, with so many decimals
    (0.00005, 1e3, 0, "ms"),
    (0.01, 1e3, 1, "ms"),
    (0.9995, 1e3, 0, "ms"),
    (99.95, 1.0, 1, "s"),
    (5_970.0, 1 / 60, 0, "min"),
    (math.inf, 1 / 3600, 1, "h"),
)


def span(seconds: float | None) -> str:
    """A length of time, in few characters; ``-`` where it is not known."""
    if seconds is None:
        return "-"
    _, factor, decimals, unit = next(row for row in _UNITS if seconds < row[0])
    return f"{seconds * factor:.{decimals}f} {unit}"


def milliseconds(seconds: float | None) -> float | None:
    """The same for JSON, to a microsecond."""
    return None if seconds is None else round(seconds * 1000, 3)


def unix_milliseconds(monotonic: float | None = None) -> int:
    """Now, or what the wall clock said at a moment of the monotonic one, since 1970."""
    ago = 0.0 if monotonic is None else time.monotonic() - monotonic
    return round((time.time() - ago) * 1000)


def counted(number: int, noun: str) -> str:
    """A number of things: ``1 message``, ``2 messages``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
