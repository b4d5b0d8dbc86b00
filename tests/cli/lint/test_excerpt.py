"""The lines around a finding."""

from __future__ import annotations

from longwire.cli.lint.excerpt import excerpt
from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.run import Source


def found(line: int, column: int, end_line: int, end_column: int) -> Finding:
    return Finding(
        "a.py", line, column, end_line, end_column, "LW111",
        Severity.ERROR, Confidence.HIGH, "stops", "do not",
    )  # fmt: skip


def shown(lines: list[str], one: Finding) -> list[str]:
    return [f"{gutter} | {text}" for gutter, text, _ in excerpt(Source(lines), one)]


def test_two_lines_around_and_marks() -> None:
    """Under what it is about."""
    lines = ["one", "two", "three", "  four()", "five", "six", "seven"]
    assert shown(lines, found(4, 3, 4, 9)) == [
        "2 | two",
        "3 | three",
        "4 |   four()",
        "  |   ^^^^^^",
        "5 | five",
        "6 | six",
    ]


def test_the_beginning_and_the_end_of_a_file() -> None:
    """Have fewer; empty lines at the end are left out."""
    assert shown(["one", ""], found(1, 1, 1, 4)) == ["1 | one", "  | ^^^"]


def test_over_several_lines() -> None:
    """The first one is marked to its end."""
    assert shown(["  one(", "    two)"], found(1, 3, 2, 9))[1] == "  |   ^^^^"


def test_wide_characters_and_tabs() -> None:
    """The marks stand under what is seen."""
    assert shown(["\t漢字e\u0301 = four()"], found(1, 9, 1, 15)) == [
        "1 |     漢字e\u0301 = four()",
        "  | " + " " * 12 + "^^^^^^",
    ]


def test_what_a_terminal_would_obey() -> None:
    """Is escaped, and the marks are moved by as much."""
    assert shown(["a = '\x1b[2J'; four()"], found(1, 13, 1, 19)) == [
        "1 | a = '\\x1b[2J'; four()",
        "  | " + " " * 15 + "^^^^^^",
    ]


def test_a_very_long_line() -> None:
    """Only what is around the place."""
    one = shown(["x" * 1000 + "four()" + "y" * 1000], found(1, 1001, 1, 1007))
    assert all(len(line) < 160 for line in one)
    assert "four()" in one[0]
    assert one[1].index("^") == one[0].index("four()")


def test_a_line_that_there_is_not() -> None:
    """The file may have changed since; nothing is shown."""
    assert shown(["one"], found(7, 1, 7, 2)) == []


def test_an_empty_place() -> None:
    """Has a mark of its own all the same."""
    assert shown(["one"], found(1, 4, 1, 4)) == ["1 | one", "  |    ^"]
