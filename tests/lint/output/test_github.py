"""Annotations of GitHub's workflows."""

from __future__ import annotations

import pytest

from longwire.lint.check import Defect
from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.output.github import commands
from longwire.lint.run import Outcome


def found(severity: Severity = Severity.ERROR, path: str = "src/a.py", end: int = 3) -> Finding:
    return Finding(path, 3, 5, end, 9, "LW111", severity, Confidence.HIGH, "it stops", "100 % sure")


def test_a_command_for_each_finding() -> None:
    """On one line, its place as properties; what helps on a line of its own in the text."""
    (command,) = commands(Outcome(findings=[found()]))
    assert command == (
        "::error file=src/a.py,line=3,endLine=3,col=5,endColumn=9,title=LW111 blocking-sleep::"
        "it stops%0A100 %25 sure"
    )


def test_no_columns_over_several_lines() -> None:
    """GitHub would not take them."""
    (command,) = commands(Outcome(findings=[found(end=4)]))
    assert command.startswith("::error file=src/a.py,line=3,endLine=4,title=")


@pytest.mark.parametrize(
    ("severity", "word"),
    [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")],
)
def test_the_word_is_the_severity(severity: Severity, word: str) -> None:
    """In GitHub's language."""
    (command,) = commands(Outcome(findings=[found(severity)]))
    assert command.startswith(f"::{word} ")


def test_nothing_in_a_path_ends_a_property() -> None:
    """Or the line."""
    (command,) = commands(Outcome(findings=[found(path="a,b:c%\n::error::.py")]))
    assert command.startswith("::error file=a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3A.py,line=3")


def test_a_defect_of_ours() -> None:
    """Is an error at the file."""
    outcome = Outcome(defects=[Defect("a.py", "LW101", "KeyError: 'x'", "")])
    assert list(commands(outcome)) == [
        "::error file=a.py,title=defect of longwire::LW101 failed here: KeyError: 'x'"
    ]
