"""Warnings about a client that goes on living."""

from __future__ import annotations

from typing import Literal

import msgspec

AlertKind = Literal[
    "blocked-loop",
    "busy-loop",
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
    "swallowed-end",
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
    place: str | None = None
    """Where in the user's code, as ``file:line in function``; None: unknown, or nowhere."""
    task: str | None = None
    """The name of the task that runs there."""
    lag: float | None = None
    """For how many seconds that had lasted."""
    samples: int = 0
    """How often that place was looked at."""
    stack: tuple[str, ...] = ()
    """An excerpt of the stack, innermost first: the user's own code, then libraries inside of it.
    Places and names only."""
