"""What people write for a bad network, ``loss=5% delay=50ms``, in the words of ``tc netem``."""

from __future__ import annotations

import re
import shlex
from typing import Final

_PERCENT: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?%")
_TIME: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?(?:us|ms|s)")
_RATE: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?(?:bit|kbit|mbit|gbit)")
_KINDS: Final = {
    "delay": (_TIME, "a time such as 50ms"),
    "jitter": (_TIME, "a time such as 10ms"),
    "loss": (_PERCENT, "a share such as 5%"),
    "duplicate": (_PERCENT, "a share such as 1%"),
    "corrupt": (_PERCENT, "a share such as 0.1%"),
    "reorder": (_PERCENT, "a share such as 25%"),
    "rate": (_RATE, "a rate such as 1mbit"),
}
"""In the order in which netem wants them."""
_LIMIT: Final = "100000"
"""Packets that may wait. Its default of 1,000 would lose some where only delay is asked for."""


def netem_arguments(text: str) -> list[str]:
    """The arguments of ``tc qdisc ... netem``.

    Args:
        text: ``KEY=VALUE ...`` of delay, jitter, loss, duplicate, corrupt, reorder (of packets that
            are delayed, this share is not) and rate.

    Raises:
        ValueError: a key is not known, a value is not of its kind, or jitter or reorder have no
            delay.
    """
    values: dict[str, str] = {}
    for pair in shlex.split(text):
        key, _, value = pair.partition("=")
        if key not in _KINDS:
            raise ValueError(f"a network has no {key!r}; there are {', '.join(_KINDS)}")
        pattern, wanted = _KINDS[key]
        if not pattern.fullmatch(value):
            raise ValueError(f"{key}: {value!r} is not {wanted}")
        if pattern is _PERCENT and float(value.removesuffix("%")) > 100:
            raise ValueError(f"{key}: {value!r} is more than all of it")
        values[key] = value
    for key in ("jitter", "reorder"):
        if key in values and "delay" not in values:
            raise ValueError(f"{key} needs a delay")
    words = ["limit", _LIMIT]
    for key in _KINDS:
        if key not in values:
            continue
        # The jitter has no word of its own: it stands behind the delay.
        words += [values[key]] if key == "jitter" else [key, values[key]]
    return words
