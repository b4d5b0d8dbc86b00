"""What is found in a document that an editor holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwire.cli.lint.server.documents import look_at, path_of
from longwire.lint.pyproject import SettingsError
from longwire.lint.run import Options

SLEEPS = "import time, websockets\n\nasync def f(ws):\n    time.sleep(1)"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test is in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rules(path: str, text: str) -> list[str]:
    return [one.rule for one in look_at(path, text, Options()).findings]


def test_as_the_command_finds_it() -> None:
    """Whatever is in the file; with comments, and the settings of its place."""
    Path("sub").mkdir()
    Path("sub/feed.py").write_text("x = 1\n")
    looked = look_at("sub/feed.py", SLEEPS, Options())
    assert [(one.rule, one.path) for one in looked.findings] == [("LW111", "sub/feed.py")]
    assert looked.source == SLEEPS.encode()
    assert looked.lines[2] == "async def f(ws):\n"
    assert "LW111" in looked.selected
    assert rules("new.py", SLEEPS) == ["LW111"]
    assert rules("new.py", f"{SLEEPS}  # longwire: ignore[LW111]") == []
    Path("sub/pyproject.toml").write_text("[tool.longwire.lint]\nignore = ['LW1']\n")
    assert rules("sub/feed.py", SLEEPS) == []
    assert "LW111" not in look_at("sub/feed.py", SLEEPS, Options()).selected


def test_what_is_excluded() -> None:
    """By the settings or on the command line; it is not looked at."""
    Path("gen.py").write_text(SLEEPS)
    assert rules("gen.py", SLEEPS) == ["LW111"]
    assert look_at("gen.py", SLEEPS, Options(exclude=("gen.py",))).findings == ()
    Path("pyproject.toml").write_text("[tool.longwire.lint]\nexclude = ['gen.py']\n")
    assert rules("gen.py", SLEEPS) == []


def test_settings_that_cannot_be_meant() -> None:
    """Are an error that names the file."""
    Path("pyproject.toml").write_text("[tool.longwire.lint]\nselect = 1\n")
    with pytest.raises(SettingsError, match="pyproject"):
        look_at("feed.py", SLEEPS, Options())


def test_encodings() -> None:
    """The source is as the file would hold it."""
    text = f"# coding: latin-1\n# Grüße\n{SLEEPS}"
    looked = look_at("feed.py", text, Options())
    assert looked.source == text.encode("latin-1")
    assert looked.lines[1] == "# Grüße\n"
    assert [one.line for one in looked.findings] == [6]
    assert rules("feed.py", f"# coding: none\n{SLEEPS}") == ["LW000"]
    assert rules("feed.py", f"# coding: ascii\n# ü\n{SLEEPS}") == ["LW000"]
    assert rules("feed.py", f"# coding: utf-16\n{SLEEPS}") == ["LW000"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("feed.py", f"# coding: none\n{SLEEPS}"),
        ("feed.py", f"{SLEEPS}\nx = '\ud83d'\n"),
        ("feed.rs", "use tokio_tungstenite::connect_async; // \ud83d\n"),
    ],
)
def test_what_cannot_be_decoded(path: str, text: str) -> None:
    """Is told as of a file, and its lines are those that the editor shows."""
    looked = look_at(path, text, Options())
    assert [one.rule for one in looked.findings] == ["LW000"]
    assert "".join(looked.lines) == text


@pytest.mark.parametrize(
    ("uri", "language", "path"),
    [
        ("file:///a/b%20c.py", "python", "/a/b c.py"),
        ("file:///a/b.rs", "", "/a/b.rs"),
        ("untitled:Untitled-1", "python", "Untitled-1.py"),
        ("untitled:Untitled-1", "toml", None),
        ("file:///a/pyproject.toml", "toml", None),
    ],
)
def test_paths(uri: str, language: str, path: str | None) -> None:
    """By the name of the file, or by what the editor takes it for."""
    assert path_of(uri, language) == path


def test_paths_below() -> None:
    """Are relative, as those of the command."""
    assert path_of(f"{Path.cwd().as_uri()}/src/feed.py", "python") == "src/feed.py"
