"""``longwire demo``: six breaks, each with a named cause, and a sum that is right."""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from longwire.cli import demo, main
from longwire.cli.demo.screen import Screen
from longwire.cli.demo.show import PlainShow

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    # The demonstration blocks its event loop on purpose, and prints.
    pytest.mark.blocking,
    # Limits on the age of connections are recognised from 2 seconds on, and three ages are needed.
    pytest.mark.slow,
    pytest.mark.timeout(90),
]

EXPECTED = {
    "reset": "forced-lifetime-disconnect",
    "half-open": "half-open-undetected",
    "close 1011": "upstream-feed-dead",
    "blocked loop": "blocked-event-loop",
    "restart": "deploy-restart",
    "zombie": "zombie-stream",
}


def check(result: dict[str, Any]) -> None:
    """Everything that must be true of the demonstration's result."""
    assert result["ok"]
    assert result["sum_is_right"]
    assert result["received_total"] + result["known_gaps_total"] == result["numbered_total"]
    assert result["problems"] == []
    breaks = {each["break"]: each for each in result["breaks"]}
    assert {name: each["cause"] for name, each in breaks.items()} == EXPECTED
    survived = breaks.pop("blocked loop")
    assert survived["outcome"] == "survived"
    assert survived["interruptions_total"] == survived["lost_total"] == 0
    assert "compute_for" in survived["reasons"][0]
    for each in breaks.values():
        assert each["outcome"] == "recovered"
        assert each["interruptions_total"] >= 1
        assert each["noticed_after_ms"] >= 0
        assert each["recovered_after_ms"] >= 0
        assert each["reasons"]
        causes = [one["cause"] for one in each["interruptions"]]
        assert each["cause"] in causes
        assert len(causes) == each["interruptions_total"]
    assert breaks["reset"]["interruptions_total"] >= 3
    assert sum(each["lost_total"] for each in result["breaks"]) <= result["known_gaps_total"]


def test_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """In this process: exit code 0, the result as JSON on stdout, the story on stderr."""
    code = main(["demo", "--fast", "--json"])
    output = capsys.readouterr()
    assert code == 0, output.out + output.err
    check(json.loads(output.out))
    assert "survived: The event loop stood still" in output.err


def test_without_rich_a_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """rich is an extra; the demonstration needs nothing but longwire."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    arguments = argparse.Namespace(json=False, plain=False)
    assert isinstance(demo._show(arguments), Screen)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.delitem(sys.modules, "longwire.cli.demo.screen", raising=False)
    assert isinstance(demo._show(arguments), PlainShow)


def test_options_that_cannot_be_met(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing rich is told before anything is played, an unwritable file without a traceback."""
    monkeypatch.setattr(demo, "_show", lambda _: PlainShow(sys.stderr, None))
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "rich.console", None)
        without.delitem(sys.modules, "longwire.cli.demo.screen", raising=False)
        assert main(["demo", "--svg", str(tmp_path / "demo.svg")]) == 2
    output = capsys.readouterr()
    assert "longwire[cli]" in output.err
    assert "one client" not in output.err
    assert not demo._write("<svg/>", tmp_path / "missing" / "demo.svg")
    assert "missing" in capsys.readouterr().err


def test_two_at_once_one_of_them_in_a_terminal(tmp_path: Path) -> None:
    """Nothing is shared between two demonstrations; the screen ends with table and sum."""
    pty = pytest.importorskip("pty")
    svg = tmp_path / "demo.svg"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "longwire", "demo", "--fast"]
    with (
        subprocess.Popen(
            [*command, "--svg", str(svg)],
            stdout=theirs,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "40"},
        ) as shown,
        subprocess.Popen([*command, "--plain"], stdout=subprocess.PIPE, text=True) as plain,
    ):
        os.close(theirs)
        screen = read_all(ours)
        lines, _ = plain.communicate(timeout=60)
        assert shown.wait(60) == 0, screen
    assert plain.returncode == 0, lines
    assert "the sum is right" in lines.splitlines()[-1]
    assert all(f"[{cause}]" in lines for cause in EXPECTED.values())
    assert "the sum is right" in screen
    assert all(cause in screen for cause in EXPECTED.values())
    assert "the&#160;sum&#160;is&#160;right" in svg.read_text(encoding="utf-8")


def read_all(terminal: int) -> str:
    """Everything that is written to a terminal until its last writer has gone."""
    parts = []
    try:
        while part := os.read(terminal, 65_536):
            parts.append(part)
    except OSError as error:
        # Linux tells the end of a terminal like this.
        if error.errno != errno.EIO:
            raise
    finally:
        os.close(terminal)
    return b"".join(parts).decode(errors="replace")


def test_ctrl_c_leaves_nothing_behind() -> None:
    """Exit code 130, no traceback, and the far end's process is gone with it."""
    with subprocess.Popen(
        [sys.executable, "-m", "longwire", "demo", "--fast", "--plain"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "one client" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        # Both pipes end when the last process that holds them has ended: the far end, too.
        _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert error == ""
