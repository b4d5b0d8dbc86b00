"""Whether a version of a source is better than another."""

from __future__ import annotations

from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.likeness import is_better


def found(
    message: str, line: int = 1, confidence: Confidence = Confidence.HIGH, rule: str = "LW101"
) -> Finding:
    return Finding("a.py", line, 1, line, 2, rule, Severity.ERROR, confidence, message, "")


A, B = found("the loop of line 3"), found("something else", 7)


def test_less_is_better() -> None:
    """Also where more is gone than was wanted, and where lines have moved."""
    assert is_better([A, B], [B], [A])
    assert is_better([A, B], [], [A])
    assert is_better([A, B], [found("the loop of line 9", 5)], [B])


def test_what_is_new_is_not() -> None:
    """Nor what is still there, or surer than before."""
    assert not is_better([A, B], [A, B], [A])
    assert not is_better([A], [B], [A])
    assert not is_better([A, A], [A, A], [A])
    assert not is_better([A, found("x", confidence=Confidence.LOW)], [found("x")], [A])
    assert not is_better([A, B], [found("something else", rule="LW102")], [A])
