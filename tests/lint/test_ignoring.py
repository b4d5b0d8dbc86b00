"""The comment that ignores a finding, put where it works."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.ignoring import ignored
from longwire.lint.looking import looker

LOOK = looker("feed.py", frozenset(ALL_RULES))
HEAD = "import time, websockets\n\nasync def f(ws):\n    "
COMMENT = "# longwire: ignore[LW111]"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("time.sleep(1)", f"time.sleep(1)  {COMMENT}"),
        ("time.sleep(1)  \r\nx = 1\n", f"time.sleep(1)  {COMMENT}\r\nx = 1\n"),
        ("time.sleep(1)  # noqa: X", f"time.sleep(1)  # noqa: X  {COMMENT}"),
        (
            "time.sleep(1)  # longwire: ignore[LW101] so",
            "time.sleep(1)  # longwire: ignore[LW101, LW111] so",
        ),
        ("time.sleep(\n    1\n)", f"time.sleep(  {COMMENT}\n    1\n)"),
        ("time.sleep(1); x = '''a\nb'''\n", f"time.sleep(1); x = '''a\nb'''  {COMMENT}\n"),
        ("time.sleep(1); x = \\\n  1\n", f"time.sleep(1); x = \\\n  1  {COMMENT}\n"),
    ],
)
def test_where(before: str, after: str) -> None:
    """At the end of the line, or where the string on it ends; with what is there already."""
    source = (HEAD + before).encode()
    one = next(found for found in LOOK(source) if found.rule == "LW111")
    assert ignored(source, one, LOOK) == (HEAD + after).encode()


def test_an_encoding_stays() -> None:
    """And a source that cannot be decoded stays as it is."""
    source = f"# coding: latin-1\n{HEAD}time.sleep(1)  # für\n".encode("latin-1")
    (one,) = LOOK(source)
    result = ignored(source, one, LOOK)
    assert result is not None
    assert f"für  {COMMENT}" in result.decode("latin-1")
    assert ignored(b"# coding: none\n", one, LOOK) is None


def test_no_place() -> None:
    """Where no comment helps, there is none."""
    source = f"{HEAD}time.sleep(1)\n".encode()
    found = LOOK(source)
    assert ignored(source, found[0], lambda _: found) is None


def test_rust() -> None:
    """There a comment has other signs."""
    program = next((Path(__file__).parent / "rules" / "rust").glob("lw209*/faulty_*.rs"))
    source = program.read_bytes()
    look = looker("feed.rs", frozenset(ALL_RULES))
    one = next(found for found in look(source) if found.rule == "LW209")
    result = ignored(source, one, look)
    assert result is not None
    line = result.splitlines()[one.line - 1]
    assert line.endswith(b"  // longwire: ignore[LW209]")
    assert one not in look(result)
