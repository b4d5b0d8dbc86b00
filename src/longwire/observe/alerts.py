"""Warnings about a client that goes on living."""

from __future__ import annotations

from typing import Literal

import msgspec

AlertKind = Literal[
    "blocked-loop",
    "inbox-near-limit",
    "inbox-key",
    "reading-paused",
    "quiet-feed",
    "slowing-down",
    "sequence",
    "refill",
    "repeats",
    "subscription-refused",
    "still-down",
]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not an interruption yet, and may become one."""

    kind: AlertKind
    at: float
    """Seconds of the monotonic clock."""
    text: str
    """What was seen, with numbers, and what to do."""
    cause: str
    """The id of the cause it may lead to."""
