"""Looking at versions of a source."""

from __future__ import annotations

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.looking import looker

SLEEPS = b"import time, websockets\n\nasync def f(ws):\n    time.sleep(1)"


def test_as_in_a_run() -> None:
    """Rules, comments, and what is to be said of those."""
    look = looker("src/feed.py", frozenset(ALL_RULES))
    (one,) = look(SLEEPS)
    assert (one.path, one.rule, one.line) == ("src/feed.py", "LW111", 4)
    assert look(SLEEPS + b"  # longwire: ignore[LW111]") == []
    assert [one.rule for one in look(b"x = 1  # longwire: ignore[LW111]")] == ["LW001"]
    assert [one.rule for one in look(SLEEPS + b"(")] == ["LW000"]
    assert looker("feed.py", frozenset({"LW101"}))(SLEEPS) == []
