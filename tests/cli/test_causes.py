"""``longwire causes``: the coverage matrix."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from longwire import cli
from longwire.cli import causes
from longwire.core.causes import CATALOGUE, instruments
from longwire.core.causes.classify import nameable
from longwire.core.causes.instruments import INSTRUMENTS, register

if TYPE_CHECKING:
    from collections.abc import Callable

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nothing_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts with a registry of its own."""
    causes.declare()  # what declares itself does so once, when it is first imported
    monkeypatch.setattr(instruments, "_declared", {})


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it to pretend that the output goes to a terminal."""

    def pretend() -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    return pretend


def test_plain_text_has_a_line_for_each_cause(capsys: Output) -> None:
    """A heading, the causes in order, a summary; columns are parted by two blanks."""
    register("lint", "busy-poll-loop", by="LW101")
    assert cli.main(["causes"]) == 0
    heading, *rows, summary = capsys.readouterr().out.splitlines()
    assert heading.split() == ["cause", *INSTRUMENTS]
    assert [row.split()[0] for row in rows] == list(CATALOGUE)
    cells = {row.split()[0]: row.split()[1:] for row in rows}
    assert cells["zombie-stream"] == ["names", "-", "-", "-", "-"]
    assert cells["busy-poll-loop"] == ["-", "-", "-", "LW101", "-"]
    assert summary.startswith("64 causes; covered by client ")
    assert "lint 1" in summary


def test_json_has_an_object_for_each_cause(capsys: Output) -> None:
    """The same content for programs."""
    assert cli.main(["causes", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in entries] == list(CATALOGUE)
    assert {entry["id"] for entry in entries if entry["covered_by"]["client"]} == nameable()
    assert set(entries[0]) == {
            "id", "title", "category", "blame", "covered_by", "not_covered_by",
        }  # fmt: skip
    assert list(entries[0]["covered_by"]) == list(INSTRUMENTS)


def test_a_terminal_gets_a_table(capsys: Output, terminal: Callable[[], None]) -> None:
    """With rich installed."""
    pytest.importorskip("rich")
    terminal()
    assert cli.main(["causes"]) == 0
    out = capsys.readouterr().out
    assert "Causes of interrupted reception" in out
    assert all(cause_id in out for cause_id in CATALOGUE)


def test_without_rich_a_terminal_gets_plain_text(
    capsys: Output, terminal: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """rich is an extra; the command needs nothing but longwire."""
    terminal()
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setitem(sys.modules, "rich", None)
    assert cli.main(["causes"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["cause", *INSTRUMENTS]


def test_instruments_that_are_there_declare_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is imported by the name of its package; one that does not exist yet is passed over."""
    asked = []

    def spy(name: str) -> Any:
        asked.append(name)
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(causes, "import_module", spy)
    assert causes.declare() == []
    assert asked == [f"longwire.{instrument}" for instrument in INSTRUMENTS]


def test_an_instrument_that_lacks_a_package_is_told(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The matrix is shown without it, and stderr says why."""

    def lacking(name: str) -> None:
        if name == "longwire.lint":
            raise ModuleNotFoundError(name="tree_sitter")

    monkeypatch.setattr(causes, "import_module", lacking)
    assert cli.main(["causes"]) == 0
    captured = capsys.readouterr()
    assert "lint is left out, for it needs tree_sitter" in captured.err
    assert "zombie-stream" in captured.out
