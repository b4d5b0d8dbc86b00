"""Findings that are known, and that are known again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longwire.lint.baseline import Baseline, BaselineError, Entry
from longwire.lint.finding import Confidence, Finding, Severity

TEXTS = {1: "    time.sleep(1)  ", 2: "time.sleep(1)", 3: "recv()"}


def found(line: int, rule: str = "LW111", path: str = "src/a.py") -> Finding:
    return Finding(path, line, 1, line, 9, rule, Severity.ERROR, Confidence.HIGH, "stops", "do not")


@pytest.fixture
def baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Baseline:
    """In a directory whose lines are those above, modulo ten."""
    monkeypatch.chdir(tmp_path)
    return Baseline(Path("known.json"), lambda one: TEXTS[one.line % 10])


def test_what_is_written_is_known_again(baseline: Baseline) -> None:
    """Wherever the lines have moved to; as often as it was there, and no more."""
    assert baseline.write([found(1), found(2), found(3)], ["src/a.py"]) == 3
    moved = [found(12), found(21), found(33), found(41)]
    new, old, left = baseline.split(moved, baseline.read())
    assert (new, old) == ([found(41)], moved[:3])
    assert not left


def test_the_file_is_for_people_too(baseline: Baseline, tmp_path: Path) -> None:
    """Sorted, a line for each part of an entry, paths relative to the file."""
    baseline.write([found(3), found(2), found(1)], [])
    text = (tmp_path / "known.json").read_text()
    assert json.loads(text) == {
        "format": "longwire-lint-baseline",
        "version": 1,
        "findings": [
            {"path": "src/a.py", "rule": "LW111", "text": "recv()", "count": 1},
            {"path": "src/a.py", "rule": "LW111", "text": "time.sleep(1)", "count": 2},
        ],
    }
    assert text.endswith("}\n")
    assert len(text.splitlines()) > 10


def test_paths_are_relative_to_the_file(
    baseline: Baseline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a run from another directory knows the same."""
    baseline.write([found(1)], [])
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    other = Baseline(Path("../known.json"), lambda one: TEXTS[one.line])
    new, old, _ = other.split([found(1, path="a.py")], other.read())
    assert (len(new), len(old)) == (0, 1)


def test_what_is_not_found_any_more(baseline: Baseline, tmp_path: Path) -> None:
    """Is told of files that were checked or are gone, not of those that were not looked at."""
    (tmp_path / "src").mkdir()
    for name in ("a.py", "b.py"):
        (tmp_path / "src" / name).touch()
    baseline.write([found(1), found(3), found(3, path="src/b.py"), found(3, path="gone.py")], [])
    _, _, left = baseline.split([found(1)], baseline.read())
    assert baseline.stale(left, ["src/a.py"]) == [
        Entry("gone.py", "LW111", "recv()"),
        Entry("src/a.py", "LW111", "recv()"),
    ]


def test_writing_keeps_what_was_not_checked(baseline: Baseline, tmp_path: Path) -> None:
    """A run over a part of the project forgets nothing of the others."""
    (tmp_path / "b.py").touch()
    baseline.write([found(1), found(3, path="b.py"), found(3, path="gone.py")], [])
    assert baseline.write([found(3)], ["src/a.py"]) == 2
    assert set(baseline.read()) == {
        ("src/a.py", "LW111", "recv()"),
        ("b.py", "LW111", "recv()"),
    }


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format": "other", "version": 1, "findings": []}',
     '{"format": "longwire-lint-baseline", "version": 2, "findings": []}',
     '{"format": "longwire-lint-baseline", "version": 1, "findings": [{"path": 1}]}'],
)  # fmt: skip
def test_another_file(baseline: Baseline, tmp_path: Path, content: str) -> None:
    """Is told, and not overwritten."""
    (tmp_path / "known.json").write_text(content)
    with pytest.raises(BaselineError, match=r"^known\.json is no baseline: "):
        baseline.read()
    with pytest.raises(BaselineError):
        baseline.write([], [])
    assert (tmp_path / "known.json").read_text() == content


def test_no_file(baseline: Baseline, tmp_path: Path) -> None:
    """Is told, and so is a place that cannot be written to."""
    with pytest.raises(BaselineError, match=r"known\.json: No such file"):
        baseline.read()
    nowhere = Baseline(tmp_path / "none" / "known.json", lambda _: "")
    with pytest.raises(BaselineError, match="No such file"):
        nowhere.write([], [])


def test_names_that_are_no_text(baseline: Baseline) -> None:
    """A name of a file may be any bytes; it is known again all the same."""
    strange = found(1, path="src/\udcff.py")
    assert baseline.write([strange], []) == 1
    new, old, _ = baseline.split([strange], baseline.read())
    assert (new, old) == ([], [strange])
