"""A report of four breaks, and interruptions to put into it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from longwire.cli.demo.report import Report, Row
from longwire.core.causes import Evidence, Interruption, classify

if TYPE_CHECKING:
    from collections.abc import Callable

    Interrupt = Callable[..., Interruption]

RESTART = Evidence(end="close-received", received_code=1012, received_reason="restart \x1b[2J")
RESET = Evidence(end="reset")


def _interruption(evidence: Evidence = RESTART) -> Interruption:
    verdict = classify(evidence)
    now = time.monotonic()
    return Interruption(
        cause=verdict.cause,
        reasons=verdict.reasons,
        started=now,
        noticed=now + 0.25,
        ended=now + 1.75,
        outcome="recovered",
        evidence=evidence,
        closure=None,
        attempts=1,
    )


@pytest.fixture
def restarted() -> Interrupt:
    """Makes an interruption by a restart, noticed after 0.25 s and over 1.5 s later."""
    return lambda: _interruption(RESTART)


@pytest.fixture
def reset() -> Interrupt:
    """Makes one of unknown cause, with the same times."""
    return lambda: _interruption(RESET)


@pytest.fixture
def report() -> Report:
    """Four breaks: one over, one survived, one under way, one due."""
    rows = [Row(name, "something & <nothing> happens") for name in ("restart", "block", "c", "d")]
    for evidence in (RESET, RESET, RESTART):
        rows[0].take(_interruption(evidence))
    rows[0].outcome, rows[0].lost = "recovered", 234
    rows[1].outcome, rows[1].title, rows[1].cause = "survived", "It stood still", "blocked-loop"
    rows[1].blame, rows[1].reasons, rows[1].note = "local", ("it blocked",), "a note"
    rows[2].outcome = "running"
    return Report(rows, received=900, lost=100, seconds=12.5)
