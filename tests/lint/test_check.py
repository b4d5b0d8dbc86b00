"""One source, all rules; and whatever may be wrong with a source, or with a rule."""

from __future__ import annotations

import sys
import warnings
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from longwire.lint import check as module
from longwire.lint.check import Checked, Task, check
from longwire.lint.finding import Severity
from longwire.lint.languages import LANGUAGES
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTY = b"""\
import time, websockets

async def reader(ws):
    time.sleep(1)  # longwire: ignore[LW111]
"""
HEAD = b"import websockets\n"


def test_findings_and_comments() -> None:
    """All that there is, ignored or not, without a path."""
    checked = check(Task("Python", FAULTY))
    (one,) = checked.findings
    assert (one.path, one.line, one.rule) == ("", 4, "LW111")
    assert [comment.ids for comment in checked.comments] == [("LW111",)]
    assert checked.defects == ()


@pytest.mark.parametrize(
    "source",
    [b"", b"import time\n(", b"text = 'websocket'\n", b"\xff\xfe broken \x00"],
)
def test_what_is_not_about_websockets(source: bytes) -> None:
    """Is not looked into, so its errors are not told."""
    assert check(Task("Python", source)) == Checked()


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        (HEAD + b"def broken(:\n", 2, "invalid syntax"),
        (HEAD + b"  indented = 1\n", 2, "unexpected indent"),
        (HEAD + b"x = '\0'\n", 1, "null bytes"),
        (HEAD + b"x = '\xff'\n", 1, "not in utf-8, at byte 23"),
        (b"# coding: nope\n" + HEAD, 1, "unknown encoding: nope"),
        (b"# coding: rot13\n" + HEAD, 1, "rot13 is no encoding for a program"),
        (b"# coding: unicode_escape\n" + HEAD + b"x = '\\ud800'\n", 1, "surrogates not allowed"),
        (b"# coding: utf-16\n" + HEAD, 1, "not in utf-16"),
        (HEAD + b"x = " + b"(" * 1500 + b")" * 1500, 2, "too many nested parentheses"),
        (HEAD + b"x = " + b"-" * 100_000 + b"1", 1, "too deeply nested"),
        (HEAD + b"x = " + b"1+" * 100_000 + b"1", 1, "too deeply nested"),
        (HEAD + b"x = a" + b".a" * 50_000, 1, "too deeply nested"),
        (HEAD + b"if 1: pass\n" + b"elif 2: pass\n" * 5000, 1, "too deeply nested"),
    ],
)
def test_what_cannot_be_read(source: bytes, line: int, reason: str) -> None:
    """Is a finding with the reason, at the line of the error where that is known."""
    checked = check(Task("Python", source))
    (one,) = checked.findings
    assert (one.rule, one.severity) == ("LW000", Severity.ERROR)
    assert reason in one.message
    assert line in (one.line, 1)
    assert checked.defects == ()


def test_the_reader_is_told() -> None:
    """A program may be written for a newer Python than the one that runs the linter."""
    (one,) = check(Task("Python", HEAD + b"new syntax\n")).findings
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert one.message.endswith(f"invalid syntax (read by Python {version})")


def test_a_long_chain_of_branches() -> None:
    """Is deep for a tree, and usual for a program."""
    limit = sys.getrecursionlimit()
    branches = b"".join(b"    elif kind == %d:\n        pass\n" % kind for kind in range(600))
    source = FAULTY + b"    if ws:\n        pass\n" + branches
    assert [one.rule for one in check(Task("Python", source)).findings] == ["LW111"]
    assert sys.getrecursionlimit() == limit


def test_warnings_of_the_program_are_not_ours() -> None:
    """Python tells some while it parses; they are not printed, and are no errors here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check(Task("Python", HEAD + b"x = '\\d'\ny = x is 'a'\n")) == Checked()


def broken_rule(_: Any) -> Iterator[Any]:
    """A rule with a mistake."""
    yield from ()
    raise LookupError("no such\nname")


@pytest.fixture
def with_broken_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that fails stands before the others."""
    rule = Rule("LW100", "broken", Severity.ERROR, (), broken_rule)
    python = LANGUAGES["Python"]
    broken = python._replace(rules={"LW100": rule, **python.rules})
    monkeypatch.setattr(module, "LANGUAGES", MappingProxyType({"Python": broken}))


@pytest.mark.usefixtures("with_broken_rule")
def test_a_rule_that_fails_does_not_hide_what_others_find() -> None:
    """It is told as a defect of ours, with where it is."""
    checked = check(Task("Python", FAULTY))
    assert [one.rule for one in checked.findings] == ["LW111"]
    (defect,) = checked.defects
    assert (defect.path, defect.rule) == ("", "LW100")
    assert defect.error == "LookupError: no such name"
    assert "in broken_rule" in defect.traceback


def test_a_file_that_we_cannot_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake before the rules begin is a defect, too, and keeps the run going."""

    def read(*_: object) -> Any:
        raise KeyError("x")

    broken = LANGUAGES["Python"]._replace(read=read)
    monkeypatch.setattr(module, "LANGUAGES", {"Python": broken})
    (defect,) = check(Task("Python", FAULTY)).defects
    assert (defect.rule, defect.error) == ("", "KeyError: 'x'")


def test_a_rule_that_is_nested_too_deeply(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the file's nesting that is told, not a defect."""

    def deep(_: Any) -> Iterator[Any]:
        raise RecursionError
        yield

    rule = Rule("LW100", "deep", Severity.ERROR, (), deep)
    broken = LANGUAGES["Python"]._replace(rules={"LW100": rule})
    monkeypatch.setattr(module, "LANGUAGES", {"Python": broken})
    checked = check(Task("Python", FAULTY))
    assert [one.rule for one in checked.findings] == ["LW000"]
    assert checked.defects == ()
