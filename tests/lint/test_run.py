"""A whole run: files, settings, comments, baseline, cache."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from longwire.lint import run as module
from longwire.lint import workers
from longwire.lint.baseline import BaselineError
from longwire.lint.finding import Confidence, Severity
from longwire.lint.pyproject import SettingsError
from longwire.lint.run import Options, Outcome, run
from longwire.lint.settings import Overrides

SLEEPS = "import time, websockets\n\nasync def reader(ws):\n    time.sleep(1)\n"
MAYBE = """\
async def reader(websocket):
    import websockets
    while websocket:
        try:
            await websocket.recv()
        except Exception:
            pass
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test is in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lint(*paths: str, **options: Any) -> Outcome:
    return run(paths or ["."], Options(**options))


def told(outcome: Outcome) -> list[tuple[str, int, str]]:
    return [(one.path, one.line, one.rule) for one in outcome.findings]


def configure(text: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.longwire.lint]\n{text}\n")


def test_findings_in_the_order_of_files() -> None:
    """Each with the path that was given, and its line to show."""
    Path("b.py").write_text(SLEEPS)
    Path("a.py").write_text(f"\n{SLEEPS}")
    Path("c.py").write_text("import os\n")
    outcome = lint()
    assert told(outcome) == [("a.py", 5, "LW111"), ("b.py", 4, "LW111")]
    assert (outcome.files, outcome.failing) == (3, 2)
    assert outcome.line(outcome.findings[0]) == "    time.sleep(1)"
    assert set(outcome.sources) == {"a.py", "b.py"}


def test_settings_of_a_project() -> None:
    """What is selected, where, and from what confidence and severity on."""
    Path("a.py").write_text(SLEEPS)
    Path("old").mkdir()
    Path("old/a.py").write_text(SLEEPS)
    configure('per-file-ignores = {"old/*" = ["LW111"]}')
    assert told(lint()) == [("a.py", 4, "LW111")]
    configure('select = ["LW101"]')
    assert told(lint()) == []
    assert len(lint(isolated=True).findings) == 2
    Path("other.toml").write_text('[tool.longwire.lint]\nignore = ["LW1"]')
    configure("")
    assert told(lint(config=Path("other.toml"))) == []
    assert told(lint(overrides=Overrides(ignore=("LW111",)))) == []


def test_confidence() -> None:
    """From medium on, unless another is asked for."""
    Path("a.py").write_text(MAYBE)
    assert told(lint()) == [("a.py", 6, "LW101")]
    assert told(lint(overrides=Overrides(confidence=Confidence.HIGH))) == []


def test_severity_and_what_fails() -> None:
    """What is shown and what makes the run fail are two things."""
    Path("a.py").write_text(SLEEPS + "a = 1  # longwire: ignore\n")
    outcome = lint()
    assert [one.severity for one in outcome.findings] == ["error", "warning"]
    assert outcome.failing == 2
    assert lint(overrides=Overrides(fail_on=Severity.ERROR)).failing == 1
    assert len(lint(overrides=Overrides(severity=Severity.ERROR)).findings) == 1


def test_comments() -> None:
    """Ignore what they say, and are told where they ignore nothing."""
    ignored = SLEEPS.replace("sleep(1)", "sleep(1)  # longwire: ignore[LW111]")
    Path("a.py").write_text(ignored + "b = 1  # longwire: ignore[LW111]\n")
    Path("b.py").write_text(f"# longwire: ignore-file[LW111]\n{SLEEPS}")
    outcome = lint()
    assert told(outcome) == [("a.py", 5, "LW001")]
    assert outcome.ignored == 2
    Path("c.py").write_text("import os  # longwire: ignore[LW101]\n")
    assert ("c.py", 1, "LW001") in told(lint())


def test_files_that_cannot_be_read() -> None:
    """Are told, and the others checked."""
    Path("a.py").write_text("import websockets\n(")
    Path("b.py").write_text(SLEEPS)
    Path("c.py").symlink_to("gone.py")
    assert told(lint("a.py", "b.py", "c.py")) == [
        ("a.py", 2, "LW000"),
        ("b.py", 4, "LW111"),
        ("c.py", 1, "LW000"),
    ]


def test_a_file_that_vanishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between being found and being read."""
    Path("a.py").write_text(SLEEPS)
    Path("b.py").write_text(SLEEPS)
    read = module._read

    def vanishing(found: Any) -> Any:
        if found.path == "a.py":
            Path("a.py").unlink()
        return read(found)

    monkeypatch.setattr(module, "_read", vanishing)
    outcome = lint()
    assert told(outcome) == [("a.py", 1, "LW000"), ("b.py", 4, "LW111")]
    assert "No such file" in outcome.findings[0].message


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told with the reason of the system."""
    Path("a.py").write_text(SLEEPS)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    outcome = lint(no_cache=True)
    assert "Permission denied" in outcome.findings[0].message


def test_nothing_at_a_path() -> None:
    """Nothing is checked, then."""
    with pytest.raises(FileNotFoundError):
        lint("none.py")


def test_a_configuration_that_cannot_be_meant() -> None:
    """Nothing is checked, then."""
    configure("nonsense = 1")
    with pytest.raises(SettingsError):
        lint()


def test_what_is_kept_of_a_source() -> None:
    """What is needed to show and to fix it: lines, bytes, and the rules that are wanted."""
    source = SLEEPS.encode().replace(b"\n", b"\r\n")
    Path("feed.py").write_bytes(source)
    Path("fine.py").write_text("import websockets\n")
    outcome = lint(".", overrides=Overrides(ignore=("LW2",)))
    (kept,) = outcome.sources.values()
    assert kept.raw == source
    assert kept.line(4) == "    time.sleep(1)"
    assert "LW111" in kept.selected
    assert not any(one.startswith("LW2") for one in kept.selected)
    assert outcome.fixed == 0


def test_standard_input() -> None:
    """Has a name, the settings of that name, and no cache."""
    configure('per-file-ignores = {"old/*" = ["LW111"]}')
    source = SLEEPS.encode()
    assert told(lint(stdin=("src/a.py", source))) == [("src/a.py", 4, "LW111")]
    assert told(lint(stdin=("old/a.py", source))) == []
    assert told(lint(stdin=("-", source))) == [("-", 4, "LW111")]
    assert not Path(".longwire_cache").exists()


def test_a_baseline() -> None:
    """Knows what was there, wherever it moves to; what is new is told, what is gone, too."""
    Path("a.py").write_text(SLEEPS + "    time.sleep(2)\n")
    known = Path("known.json")
    first = lint(baseline=known, write_baseline=True)
    assert (first.written, first.findings, first.failing) == (2, [], 0)
    Path("a.py").write_text("# moved\n" + SLEEPS + "    time.sleep(3)\n")
    second = lint(baseline=known)
    assert told(second) == [("a.py", 6, "LW111")]
    assert second.known == 1
    assert [one.text for one in second.stale] == ["time.sleep(2)"]


def test_a_baseline_that_is_configured() -> None:
    """Relative to the configuration, wherever the run begins."""
    Path("a.py").write_text(SLEEPS)
    configure('baseline = "known.json"')
    assert lint(write_baseline=True).written == 1
    assert told(lint()) == []
    Path("known.json").unlink()
    with pytest.raises(BaselineError, match=r"known\.json: No such file"):
        lint()


def test_a_baseline_that_has_no_place() -> None:
    """Cannot be written."""
    with pytest.raises(BaselineError, match="needs a place"):
        lint(write_baseline=True)


def test_the_cache_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run checks nothing, finds the same, and follows new settings, paths and comments."""
    Path("a.py").write_text(SLEEPS)
    first = lint()
    assert Path(".longwire_cache").is_dir()
    seen: list[int] = []
    check_all = workers.check_all

    def spy(tasks: Any, jobs: Any) -> Any:
        seen.append(len(tasks))
        return check_all(tasks, jobs)

    monkeypatch.setattr(module, "check_all", spy)
    assert lint() == first
    assert told(lint(overrides=Overrides(select=("LW101",)))) == []
    Path("a.py").rename("b.py")
    assert told(lint()) == [("b.py", 4, "LW111")]
    assert seen == [0, 0, 0]
    Path("b.py").write_text(SLEEPS + "\n")
    lint()
    assert seen[-1] == 1
    lint(no_cache=True)
    assert seen[-1] == 1
    lint(cache=Path("elsewhere"))
    assert seen[-1] == 1
    assert Path("elsewhere").is_dir()


def test_many_files_on_all_cores() -> None:
    """The same as on one, in the same order."""
    for number in range(30):
        Path(f"a{number:02}.py").write_text(SLEEPS + f"# {number} padding\n" * 5000)
    assert told(lint(jobs=2, no_cache=True)) == told(lint(jobs=1, no_cache=True))


@pytest.mark.parametrize(
    "module_name", ["longwire.lint", "longwire.lint.run", "longwire.cli.lint.running"]
)
def test_no_network_stack_is_imported(module_name: str) -> None:
    """Neither asyncio nor a socket is needed to read source code."""
    program = f"import sys, {module_name}\nprint(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(told.stdout.split())
    assert module_name in loaded
    assert not loaded & {"asyncio", "socket", "ssl", "websockets", "selectors", "http.client"}
