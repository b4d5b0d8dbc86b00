"""The list of verdicts, and its comparison with what the rules find."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from longwire.lint.catalogue import RULES
from longwire.lint.finding import Confidence
from tests.lint.field import __main__ as program
from tests.lint.field.labels import COLUMNS, LIST, Found, Label, Place, compare, find, read

if TYPE_CHECKING:
    from pathlib import Path

FAULTY = """\
import asyncio
import websockets

async def reader(url):
    async with websockets.connect(url) as ws:
        while True:
            try:
                print(await ws.recv())
            except Exception:
                pass
"""
SLEEPS = """\
import time
import websockets

async def main(url):
    await websockets.connect(url)
    time.sleep(1)
"""


@pytest.fixture
def repositories(tmp_path: Path) -> Path:
    """A made-up repository with a mistake in one file, and one in another."""
    (tmp_path / "me__bot" / "src").mkdir(parents=True)
    (tmp_path / "me__bot" / "src" / "reader.py").write_text(FAULTY)
    (tmp_path / "me__bot" / "main.py").write_text(SLEEPS)
    (tmp_path / "me__bot" / "old.py").write_text("import websockets\nprint 'no Python'\n")
    return tmp_path


def label(path: str, line: int, rule: str, verdict: str) -> Label:
    return Label(
        Place("me/bot", path, line), "0" * 40, rule, "HIGH", verdict, "reading", "for a test"
    )


def test_the_form_of_the_list() -> None:
    """Rows of nine, about rules that there are, without any code."""
    labels = read(LIST.read_text(encoding="utf-8"))
    assert len(labels) > 100
    for one in labels:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", one.place.repo)
        assert re.fullmatch(r"[0-9a-f]{40}|-", one.commit)
        assert one.rule in RULES
        assert one.confidence in ("HIGH", "MEDIUM", "LOW", "-")
        assert one.place.line > 0
        assert 3 <= len(one.why) <= 120
    places = [(one.place, one.rule) for one in labels]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    "text",
    [
        "repo\tpath\n",
        "\t".join(COLUMNS) + "\na/b\tc\tp\t1\tLW101\tHIGH\tgood\trule\twhy\n",
        "\t".join(COLUMNS) + "\na/b\tc\tp\t1\tLW101\tHIGH\ttrue\trule\n",
        "\t".join(COLUMNS) + "\na/b\tc\tp\tone\tLW101\tHIGH\ttrue\trule\twhy\n",
    ],
)
def test_a_list_of_another_form(text: str) -> None:
    """Is refused."""
    with pytest.raises(ValueError, match=r"columns|line|literal"):
        read(text)


def test_what_is_found_in_a_directory(repositories: Path) -> None:
    """By repository, path and line; what is no Python is passed over."""
    assert set(find(repositories)) >= {
        Found(Place("me/bot", "src/reader.py", 9), "LW101", Confidence.HIGH),
        Found(Place("me/bot", "main.py", 6), "LW111", Confidence.HIGH),
    }


def test_new_and_gone_precision_and_recall(repositories: Path) -> None:
    """A label some lines away is for the same place."""
    labels = [
        label("src/reader.py", 8, "LW101", "true"),
        label("src/reader.py", 8, "LW105", "false"),
        label("src/reader.py", 8, "LW121", "missed"),
        label("src/reader.py", 90, "LW103", "true"),
    ]
    found = [one for one in find(repositories) if one.rule in ("LW101", "LW111")]
    result = compare(labels, found)
    assert [one.rule for one in result.new] == ["LW111"]
    assert [one.rule for one in result.gone] == ["LW105", "LW103"]
    assert result.precision("HIGH") == (1, 1)
    assert result.precision("MEDIUM") == (0, 0)
    assert result.recall() == (1, 3)
    assert result.recall("LW121") == (0, 1)


def test_a_false_finding_counts_against_precision(repositories: Path) -> None:
    """A debatable one does not count."""
    found = list(find(repositories))
    bad = compare([label("src/reader.py", 9, "LW101", "false")], found)
    assert bad.precision("HIGH", rule="LW101") == (0, 1)
    open_to_debate = compare([label("src/reader.py", 9, "LW101", "debatable")], found)
    assert open_to_debate.precision("HIGH") == (0, 0)
    assert open_to_debate.recall() == (0, 0)


def test_the_program(
    repositories: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tells what is new, what is gone, and the figures."""
    rows = [
        ("me/bot", "0" * 40, "src/reader.py", "9", "LW101", "HIGH", "true", "reading", "swallowed"),
        ("me/bot", "0" * 40, "src/reader.py", "1", "LW133", "HIGH", "false", "rule", "not one"),
        ("you/else", "-", "a.py", "1", "LW101", "HIGH", "true", "rule", "not there"),
    ]
    verdicts = repositories / "list.tsv"
    verdicts.write_text("\n".join("\t".join(row) for row in (COLUMNS, *rows)) + "\n")
    monkeypatch.setattr(program, "LIST", verdicts)
    assert program.main(repositories) == 0
    told = capsys.readouterr().out
    assert "new   me/bot main.py:6 LW111" in told
    assert "gone  me/bot src/reader.py:1 LW133 (false: not one)" in told
    assert "| LW101 | 1 of 1 (1.00) | 1 of 1 (1.00) | 1 of 1 (1.00) |" in told
    assert "1 repositories of the list are not there you/else" in told
