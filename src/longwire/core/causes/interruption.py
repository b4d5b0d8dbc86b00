"""What is said of an interruption: its cause, the reasons, how it went on."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from longwire.core.causes.evidence import Evidence
from longwire.errors import Blame

Outcome = Literal["pending", "recovered", "gave-up", "closed"]
"""How an interruption went on.

``pending``: it still lasts. ``recovered``: data comes again. ``gave-up``: the client stopped
trying. ``closed``: the user closed the client before it was over.
"""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the catalogue. All texts are single paragraphs for a person to read."""

    id: str
    """The stable name, such as ``half-open-undetected``."""
    title: str
    category: str
    blame: Blame
    """Who is to blame as a rule. A judgement that knows more refines it, see `Verdict`."""
    symptom: str
    mechanism: str
    evidence: str
    """What must be known before this cause may be named."""
    remedy: str
    """What to set or do in longwire."""
    remedy_elsewhere: str
    """What to do in code that does not use longwire."""
    links: tuple[str, ...]
    """Where it was seen: URLs."""
    observable_by_client: bool
    """A running client can prove it, from `Evidence` or from what it sees itself."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement on an `Evidence`."""

    cause: Cause
    """The entry of the catalogue, its ``blame`` refined where the evidence allows; or `UNKNOWN`."""
    reasons: tuple[str, ...]
    """Sentences with the numbers, the weightiest first; never empty."""


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    """Why an attempt to end an interruption failed. It may be another matter than its cause.

    A server restarts, and comes back with a certificate that has run out.
    """

    cause: Cause
    """Of the failed attempt, judged by itself; or `UNKNOWN`."""
    reasons: tuple[str, ...]
    evidence: Evidence
    error: str
    """What failed, in words; secrets removed."""


class Interruption(msgspec.Struct, frozen=True, kw_only=True):
    """A period in which no message could arrive. Times are seconds of the monotonic clock."""

    cause: Cause
    """Why it began, or `UNKNOWN` until a failed attempt proves more."""
    reasons: tuple[str, ...]
    started: float
    """From when on nothing could arrive, as far as is known: the last sign of life."""
    noticed: float
    """When the client learned of it."""
    ended: float | None
    """When messages arrived again, or the client stopped trying; None while it lasts."""
    outcome: Outcome
    evidence: Evidence
    """What was known when it was noticed."""
    closure: Any
    """The `Closure` of the link that ended; None if none had been open."""
    attempts: int
    """Openings tried since it was noticed."""
    obstacle: Obstacle | None = None
    """Why the latest attempt to end it failed; None if none has."""

    @property
    def duration(self) -> float | None:
        """Seconds from ``started`` to ``ended``; None while it lasts."""
        return None if self.ended is None else self.ended - self.started

    def __str__(self) -> str:
        duration = self.duration
        lasted = "" if duration is None else f", {duration:.1f} s"
        head = f"{self.cause.title} [{self.cause.id}]{lasted}, {self.outcome}"
        text = f"{head}: {self.reasons[0]}" if self.reasons else head
        return " ".join(text.split())
