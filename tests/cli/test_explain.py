"""``longwire explain ID``: one cause for a person."""

from __future__ import annotations

import json

import pytest

from longwire import cli
from longwire.cli import causes
from longwire.core.causes import CATALOGUE, UNKNOWN, cause, instruments
from longwire.core.causes.instruments import register

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nothing_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts with a registry of its own."""
    monkeypatch.setattr(instruments, "_declared", {})


@pytest.mark.parametrize("cause_id", [*CATALOGUE, UNKNOWN.id])
def test_a_page_tells_everything(capsys: Output, cause_id: str) -> None:
    """Every text and every link of the entry, on lines that fit."""
    assert cli.main(["explain", cause_id]) == 0
    out = capsys.readouterr().out
    entry = cause(cause_id)
    flat = " ".join(out.split())
    texts = (
        entry.title,
        entry.symptom,
        entry.mechanism,
        entry.evidence,
        entry.remedy,
        entry.remedy_elsewhere,
        *entry.links,
    )
    for text in texts:
        assert text in flat
    assert out.startswith(f"{cause_id}: ")
    assert all(len(line) <= 96 or line.lstrip() in entry.links for line in out.splitlines())


def test_what_covers_it_is_told(capsys: Output) -> None:
    """By instrument; those that do not cover it are left out."""
    register("lint", "zombie-stream", by="LW110")
    register("lint", "zombie-stream", by="LW111")
    assert cli.main(["explain", "zombie-stream"]) == 0
    assert "client: names; lint: LW110, LW111" in capsys.readouterr().out


def test_json_is_the_entry(capsys: Output) -> None:
    """All fields of the catalogue, and what covers it."""
    assert cli.main(["explain", "zombie-stream", "--json"]) == 0
    entry = json.loads(capsys.readouterr().out)
    assert entry["id"] == "zombie-stream"
    assert entry["remedy"] == cause("zombie-stream").remedy
    assert entry["links"] == list(cause("zombie-stream").links)
    assert entry["covered_by"] == {"client": ["names"]}


def test_a_wrong_id_is_wrong_usage(capsys: Output) -> None:
    """Exit code 2, and the ids that are close."""
    assert cli.main(["explain", "zombi-stream"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "did you mean zombie-stream" in captured.err


def test_a_wrong_id_is_told_in_json(capsys: Output) -> None:
    """One object, as for an id that exists; stderr has the line for a person all the same."""
    assert cli.main(["explain", "zombi-stream", "--json"]) == 2
    captured = capsys.readouterr()
    error = json.loads(captured.out)
    assert (error["event"], error["kind"]) == ("error", "unknown-cause")
    assert (error["status"], error["exit_code"]) == (None, 2)
    assert error["hint"] == "did you mean zombie-stream"
    assert "no cause 'zombi-stream'" in captured.err


def test_an_id_like_no_other_leads_to_the_list(capsys: Output) -> None:
    """With the command that prints all ids, not with a name of the library."""
    assert cli.main(["explain", "x" * 40]) == 2
    assert "`longwire causes` lists all ids" in capsys.readouterr().err


def test_an_instrument_that_is_left_out_is_told(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What covers the cause may be incomplete then, and stderr says why."""

    def lacking(name: str) -> None:
        if name == "longwire.lint":
            raise ModuleNotFoundError(name="tree_sitter")

    monkeypatch.setattr(causes, "import_module", lacking)
    assert cli.main(["explain", "zombie-stream"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "longwire explain: lint is left out, for it needs tree_sitter\n"
    assert captured.out.startswith("zombie-stream: ")


def test_a_wrong_id_is_shown_safely(capsys: Output) -> None:
    """What was typed may hold anything."""
    assert cli.main(["explain", "\x1b[31mred\u202e"]) == 2
    error = capsys.readouterr().err
    assert "\x1b" not in error
    assert "\u202e" not in error


def test_no_id_is_wrong_usage(capsys: Output) -> None:
    """argparse says so."""
    assert cli.main(["explain"]) == 2
    assert "required" in capsys.readouterr().err
