"""Numbers about a client at one instant."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from longwire.observe.stats import Stats

NUMBERS: dict[str, Any] = {
    "state": "live",
    "received": 10,
    "delivered": 4,
    "dropped": 3,
    "repeated": 1,
    "missing": 2,
    "queued": 2,
    "queued_bytes": 20,
    "sent": 5,
    "unsent": 0,
    "links": 1,
    "interruptions": 0,
    "rtt": 0.01,
    "loop_lag": 0.0,
    "byte_age": 0.5,
    "pong_age": None,
    "data_age": 0.5,
    "data_ages": {"trades": 0.5},
    "paused_for": None,
}


def test_a_snapshot_holds_every_number_and_no_default() -> None:
    """Whoever makes one has to know them all: a forgotten number is an error, not a zero."""
    assert set(Stats.__struct_fields__) == set(NUMBERS)
    for name in NUMBERS:
        with pytest.raises(TypeError, match=name):
            Stats(**{key: value for key, value in NUMBERS.items() if key != name})


def test_a_snapshot_is_a_frozen_record() -> None:
    """It can be kept and turned into JSON, and not be changed."""
    stats = Stats(**NUMBERS)
    assert msgspec.json.decode(msgspec.json.encode(stats)) == NUMBERS
    with pytest.raises(AttributeError):
        stats.queued = 0  # type: ignore[misc] # the very mistake
