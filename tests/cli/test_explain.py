"""``longwire explain ID``: one cause for a person."""

from __future__ import annotations

import json

import pytest

from longwire import cli
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
