"""An outcome as text for people."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from longwire.cli.lint.text import Teller, summary
from longwire.lint.baseline import Entry
from longwire.lint.check import Defect
from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.run import Outcome, Source

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def found(severity: Severity = Severity.ERROR, path: str = "a.py") -> Finding:
    return Finding(
        path, 1, 1, 1, 4, "LW111", severity, Confidence.HIGH, "it stops\x1b[2J", "[bold]do not"
    )


def outcome() -> Outcome:
    return Outcome(
        findings=[found()], failing=1, files=3, sources={"a.py": Source(["one()", "two"])}
    )


def told(tell: Callable[[Teller], None], made: Outcome, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    tell(Teller(out, made))
    return out.getvalue()


def test_a_finding_with_its_source() -> None:
    """Place, id and message on the first line; then the source, then what helps; all escaped."""
    assert told(lambda teller: teller.tell_findings(whole=True), outcome()) == (
        "a.py:1:1: LW111 it stops\\x1b[2J\n1 | one()\n  | ^^^\n2 | two\n  = help: [bold]do not\n\n"
    )


def test_concise() -> None:
    """A line for each."""
    text = told(lambda teller: teller.tell_findings(whole=False), outcome())
    assert text == "a.py:1:1: LW111 it stops\\x1b[2J\n"


def test_a_path_cannot_command_the_terminal() -> None:
    """Names of files are from others, too."""
    made = Outcome(findings=[found(path="\x1b]0;x\x07.py")])
    assert "\x1b" not in told(lambda teller: teller.tell_findings(whole=True), made)


def test_a_terminal_has_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the same text; nothing in it is taken for markup, or wrapped."""
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = told(lambda teller: teller.tell_findings(whole=True), outcome(), Terminal())
    assert "\x1b[1;31mLW111" in text
    assert "it stops\\x1b[2J\n" in text
    assert "[bold]do not\n" in text


def test_colours_that_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """``NO_COLOR`` is heeded."""
    monkeypatch.setenv("NO_COLOR", "1")
    text = told(lambda teller: teller.tell_findings(whole=False), outcome(), Terminal())
    assert "\x1b[3" not in text


def test_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets plain text."""
    monkeypatch.setitem(__import__("sys").modules, "rich.console", None)
    text = told(lambda teller: teller.tell_findings(whole=False), outcome(), Terminal())
    assert text == "a.py:1:1: LW111 it stops\\x1b[2J\n"


def test_statistics() -> None:
    """How many of each."""
    made = Outcome(findings=[found()] * 12)
    text = told(lambda teller: teller.tell_statistics(), made)
    assert text == "12  LW111  blocking-sleep\n"


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (Outcome(files=1), "Found nothing in 1 file"),
        (outcome(), "Found 1 error in 3 files"),
        (
            Outcome(findings=[found(), found(Severity.WARNING), found(Severity.INFO)], files=2),
            "Found 1 error, 1 warning, 1 note in 2 files",
        ),
        (Outcome(files=2, ignored=1), "Found nothing in 2 files; 1 finding ignored by comments"),
        (Outcome(files=2, known=3), "Found nothing in 2 files; 3 known by the baseline"),
        (Outcome(files=2, known=3, written=3), "The baseline now knows 3 findings in 2 files"),
        (
            Outcome(files=2, defects=[Defect("a.py", "", "x", "")]),
            "Found nothing in 2 files; 1 defect of longwire",
        ),
    ],
)
def test_what_it_comes_to(made: Outcome, text: str) -> None:
    """In a sentence."""
    assert summary(made) == text


def test_stale_entries_are_told() -> None:
    """One by one, and counted."""
    made = Outcome(files=1, stale=[Entry("a.py", "LW111", "sleep()\x1b")])
    text = told(lambda teller: teller.tell_end(), made)
    assert "a.py: LW111 is no longer found where the baseline knows it: sleep()\\x1b\n" in text
    assert "1 of its entries stale" in text
