"""What is kept of the fixes that are tried."""

from __future__ import annotations

import pytest

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.fixes.mend import fixes_of, mend
from longwire.lint.looking import looker

SLEEPS = (
    b"import asyncio, time, websockets\n\nasync def f(ws):\n    time.sleep(1)\n    time.sleep(2)\n"
)
LOOK = looker("feed.py", frozenset(ALL_RULES))


def other(message: str) -> Finding:
    return Finding("feed.py", 1, 1, 1, 2, "LW101", Severity.ERROR, Confidence.LOW, message, "")


def test_all_that_is_asked_for() -> None:
    """And nothing else."""
    first, second = LOOK(SLEEPS)
    both = mend(SLEEPS, [first, second], LOOK)
    assert both.fixed == (first, second)
    assert both.source == SLEEPS.replace(b"time.sleep", b"await asyncio.sleep")
    one = mend(SLEEPS, [second], LOOK)
    assert one.fixed == (second,)
    assert one.source == SLEEPS.replace(b"time.sleep(2)", b"await asyncio.sleep(2)")


def test_a_fix_that_spoils_something() -> None:
    """Is left out, and the others are made."""
    first, second = LOOK(SLEEPS)

    def look(source: bytes) -> list[Finding]:
        new = [other("something new")] if b"await asyncio.sleep(1)" in source else []
        return [*LOOK(source), *new]

    mended = mend(SLEEPS, [first, second], look)
    assert mended.fixed == (second,)
    assert b"time.sleep(1)" in mended.source


def test_a_fix_that_does_not_help() -> None:
    """What is still found was not fixed; it stays as it was."""
    found = LOOK(SLEEPS)
    assert mend(SLEEPS, found, lambda _: found) == (SLEEPS, ())


def test_what_is_not_found_there() -> None:
    """Another version of the file was looked at."""
    found = LOOK(b"\n" * 9 + SLEEPS)
    assert mend(SLEEPS, found, LOOK) == (SLEEPS, ())


@pytest.mark.parametrize(
    "source",
    [b"async def f(:\n", b"# coding: none\n" + SLEEPS, b"return\n" + SLEEPS, b""],
)
def test_what_cannot_be_compiled(source: bytes) -> None:
    """It stays as it is."""
    found = LOOK(SLEEPS)
    assert mend(source, [*found, *LOOK(source)], LOOK) == (source, ())


def test_fixes_of_rules_without_any() -> None:
    """Nothing is even parsed."""
    assert fixes_of(b"(", [other("")]) == []
    assert fixes_of(b"(", LOOK(SLEEPS)) == []
