"""What is logged is what the documentation says."""

from __future__ import annotations

import ast
import logging
from pathlib import Path

import pytest

import longwire
from longwire.observe import logbook

PACKAGE = Path(longwire.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))


def calls(path: Path) -> list[ast.Call]:
    """Every call in a file."""
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def test_every_logger_is_documented() -> None:
    """Each name that is given to getLogger has its place on the page."""
    page = (Path(__file__).parents[2] / "docs" / "logging.md").read_text()
    names = {
        call.args[0].value
        for path in SOURCES
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "getLogger"
        and isinstance(call.args[0], ast.Constant)
    }
    assert names
    assert {name for name in names if f"## {name!s}\n" not in page} <= {"longwire"}


def test_clients_log_through_the_logbook_only() -> None:
    """No file of the client's has a logger of its own, and each event is written by somebody."""
    files = [*(PACKAGE / "client").glob("*.py")]
    text = "\n".join(path.read_text() for path in files)
    assert "getLogger" not in text
    written = {
        call.args[0].value
        for path in files
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"write", "_log"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert set(logbook.LINES) <= written


@pytest.mark.parametrize("event", logbook.LINES)
def test_a_record_says_what_the_contract_says(event: str, caplog: pytest.LogCaptureFixture) -> None:
    """Logger, level, text and extra fields; a percent sign in a detail is only that."""
    caplog.set_level(logging.DEBUG, logger=logbook.CLIENT)
    line = logbook.LINES[event]
    details = [2 if "%g" in line.text else "100 %"] * line.text.count("%")
    logbook.write(event, *details, url="ws://h/", cause="zombie-stream", place="a.py:1 in f")
    logbook.write(event, *details)
    first, second = caplog.records
    assert (first.name, first.levelno) == (logbook.CLIENT, line.level)
    assert second.getMessage() == (line.text % tuple(details))
    assert first.getMessage() == f"ws://h/: {second.getMessage()}"
    fields = [vars(first)[name] for name in logbook.FIELDS]
    assert fields == [event, "ws://h/", "zombie-stream", "a.py:1 in f"]
    assert [vars(second)[name] for name in logbook.FIELDS] == [event, None, None, None]


def test_a_matter_of_many_is_written_once(caplog: pytest.LogCaptureFixture) -> None:
    """By whoever is first; what has not been written for want of a reader is still new."""
    matter = object()
    caplog.set_level(logging.ERROR, logger=logbook.CLIENT)
    logbook.write("alert", "unheard", matter=matter)
    caplog.set_level(logging.INFO, logger=logbook.CLIENT)
    for number in range(3):
        logbook.write("alert", number, matter=matter)
        logbook.write("alert", "by itself")
    texts = [record.getMessage() for record in caplog.records]
    assert texts == ["0", *["by itself"] * 3]


def test_matters_do_not_pile_up(caplog: pytest.LogCaptureFixture) -> None:
    """The oldest are forgotten."""
    caplog.set_level(logging.INFO, logger=logbook.CLIENT)
    for number in range(logbook.MATTERS * 3):
        logbook.write("note", number, matter=("many", number))
    assert len(caplog.records) == logbook.MATTERS * 3
    assert len(logbook._told) <= logbook.MATTERS
