"""The files of a run in which something can be fixed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from longwire.lint.fixes.outcome import FixedFile, diff, fixed_files
from longwire.lint.run import Options, run
from longwire.lint.settings import Overrides

if TYPE_CHECKING:
    import pytest

SLEEPS = b"import asyncio, time, websockets\n\nasync def f(ws):\n    time.sleep(1)"


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is shown is fixed, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_bytes(SLEEPS)
    Path("b.py").write_bytes(SLEEPS.replace(b"sleep(1)", b"sleep(1)  # longwire: ignore[LW111]"))
    (one,) = fixed_files(run(["."], Options(no_cache=True)))
    assert one.path == "a.py"
    assert one.before == SLEEPS == Path("a.py").read_bytes()
    assert one.after == SLEEPS.replace(b"time.sleep", b"await asyncio.sleep")
    assert [found.rule for found in one.findings] == ["LW111"]
    nothing = Options(no_cache=True, overrides=Overrides(ignore=("LW111",)))
    assert list(fixed_files(run(["."], nothing))) == []


def test_a_diff() -> None:
    """As patch reads it: lines end at line feeds only."""
    text = diff(FixedFile("a.py", b"a\x0cb\rc\n1\nold", b"a\x0cb\rc\n1\nnew\n", ()))
    assert text == (
        "--- a.py\n+++ a.py\n@@ -1,3 +1,3 @@\n a\x0cb\rc\n 1\n"
        "-old\n\\ No newline at end of file\n+new\n"
    )
