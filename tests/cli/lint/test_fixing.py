"""``longwire lint --fix`` and ``--diff`` as their users run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SLEEPS = b"import asyncio, time, websockets\r\n\r\nasync def f(ws):\r\n\ttime.sleep(1)"
FIXED = SLEEPS.replace(b"time.sleep", b"await asyncio.sleep")
REST = b"import time, websockets\n\ndef g():\n    time.sleep(1)\n\nasync def f(ws):\n    g()\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test is in a directory of its own, with one faulty program."""
    monkeypatch.chdir(tmp_path)
    Path("feed.py").write_bytes(SLEEPS)
    return tmp_path


def lint(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "longwire", "lint", *words],
        input=stdin,
        capture_output=True,
        check=False,
    )


def test_fix() -> None:
    """Writes the files, and tells the rest; once more, there is nothing to do."""
    Path("rest.py").write_bytes(REST)
    run = lint("--fix")
    assert Path("feed.py").read_bytes() == FIXED
    assert Path("rest.py").read_bytes() == REST
    assert run.returncode == 1
    assert run.stdout.startswith(b"rest.py:4:5: LW111")
    assert run.stdout.endswith(b"\nFound 1 error in 2 files; fixed 1 more\n")
    assert run.stderr == b""
    Path("rest.py").unlink()
    run = lint("--fix")
    assert (run.returncode, run.stdout) == (0, b"Found nothing in 1 file\n")
    assert Path("feed.py").read_bytes() == FIXED


def test_diff() -> None:
    """Shows what would change, for ``patch``, and changes nothing; --fix beside it does not."""
    for words in (["--diff"], ["--diff", "--fix"]):
        run = lint(*words)
        assert run.returncode == 1
        assert run.stdout.splitlines(keepends=True)[-4:] == [
            b"-\ttime.sleep(1)\n",
            b"\\ No newline at end of file\n",
            b"+\tawait asyncio.sleep(1)\n",
            b"\\ No newline at end of file\n",
        ]
        assert run.stderr == b"longwire lint: 1 finding could be fixed in 1 file\n"
        assert Path("feed.py").read_bytes() == SLEEPS
    Path("feed.py").write_bytes(REST)
    run = lint("--diff")
    assert (run.returncode, run.stdout) == (0, b"")


def test_diff_of_marks() -> None:
    """A byte order mark and a form feed are shown as they are, or ``patch`` would not find them."""
    lines = SLEEPS.replace(b"asyncio, ", b"").replace(b"\r", b"").replace(b"\n\n", b"\n\x0c\n")
    Path("feed.py").write_bytes(b"\xef\xbb\xbf" + lines)
    told = lint("--diff").stdout.splitlines(keepends=True)
    assert b"-\xef\xbb\xbfimport time, websockets\n" in told
    assert b"+\xef\xbb\xbfimport asyncio\n" in told
    assert b" \x0c\n" in told


def test_standard_input() -> None:
    """Comes out fixed, or as it was; what is left is told on standard error."""
    run = lint("--fix", "-", stdin=SLEEPS)
    assert (run.returncode, run.stdout) == (0, FIXED)
    assert run.stderr == b"Found nothing in 1 file; fixed 1 more\n"
    run = lint("--fix", "-", stdin=REST)
    assert (run.returncode, run.stdout) == (1, REST)
    assert run.stderr.startswith(b"-:4:5: LW111")


def test_only_what_is_shown_is_fixed() -> None:
    """Not what is ignored, not selected, not sure enough, or in the baseline."""
    for words in (["--ignore", "LW111"], ["--select", "LW132"]):
        assert lint("--fix", *words).returncode == 0
    Path("feed.py").write_bytes(SLEEPS + b"  # longwire: ignore[LW111]")
    assert lint("--fix").returncode == 0
    Path("feed.py").write_bytes(SLEEPS)
    assert lint("--baseline", "known.json", "--write-baseline").returncode == 0
    assert lint("--baseline", "known.json", "--fix").returncode == 0
    assert Path("feed.py").read_bytes() == SLEEPS


def test_files_that_cannot_be_written() -> None:
    """Are told, and are still found; the others are fixed."""
    Path("feed.py").chmod(0o444)
    Path("other.py").write_bytes(SLEEPS)
    run = lint("--fix")
    assert run.returncode == 1
    assert run.stderr == b"longwire lint: feed.py is not fixed: it is read-only\n"
    assert run.stdout.startswith(b"feed.py:4:2: LW111")
    assert Path("feed.py").read_bytes() == SLEEPS
    assert Path("other.py").read_bytes() == FIXED


def test_json() -> None:
    """Says how many were fixed."""
    run = lint("--fix", "--json")
    told = json.loads(run.stdout)
    assert told["findings"] == []
    assert told["counts"]["fixed"] == 1


def test_what_cannot_be_meant() -> None:
    """A baseline of what is about to be fixed."""
    run = lint("--fix", "--write-baseline", "--baseline", "known.json")
    assert run.returncode == 2
    assert b"fix first" in run.stderr


def test_without_libcst() -> None:
    """It is told which extra brings it; without fixes, it is not missed."""
    Path("libcst.py").write_text("raise ModuleNotFoundError(name='libcst')")
    without = {**os.environ, "PYTHONPATH": f".{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    words = [sys.executable, "-m", "longwire", "lint", "feed.py"]
    run = subprocess.run([*words, "--fix"], env=without, capture_output=True, check=False)
    assert run.returncode == 2
    assert b"install longwire[fix]" in run.stderr
    assert subprocess.run(words, env=without, capture_output=True, check=False).returncode == 1
    assert Path("feed.py").read_bytes() == SLEEPS
