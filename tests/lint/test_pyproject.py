"""Settings from ``pyproject.toml``, and what is said of those that cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwire.lint.finding import Confidence, Severity
from longwire.lint.pyproject import Configuration, SettingsError, read_settings
from longwire.lint.settings import Overrides, Settings

ALL = """
[tool.longwire.lint]
select = ["LW1"]
ignore = ["LW111"]
exclude = ["generated/"]
confidence = "high"
severity = "warning"
fail-on = "error"
baseline = "known.json"
gitignore = false

[tool.longwire.lint.per-file-ignores]
"tests/*" = ["LW101"]
"""


def write(directory: Path, text: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "pyproject.toml"
    file.write_text(text)
    return file


def test_all_keys(tmp_path: Path) -> None:
    """Each becomes a setting; patterns are relative to the file."""
    assert read_settings(write(tmp_path, ALL)) == Settings(
        root=tmp_path,
        select=("LW1",),
        ignore=("LW111",),
        exclude=("generated/",),
        per_file_ignores={"tests/*": ("LW101",)},
        confidence=Confidence.HIGH,
        severity=Severity.WARNING,
        fail_on=Severity.ERROR,
        baseline="known.json",
        gitignore=False,
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[tool.ruff]\nline-length = 100",
        "[tool.longwire]",
        "# longwire\n[tool.other]",
        "no TOML, and not for us",
    ],
)
def test_a_file_without_the_section(tmp_path: Path, text: str) -> None:
    """Has no settings, whatever is in it."""
    assert read_settings(write(tmp_path, text)) is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("selct = []", "selct: there is no such key; did you mean select?"),
        ("per_file_ignores = {}", "per_file_ignores: there is no such key; did you mean per-file-"),
        ("zzz = 1", "zzz: there is no such key; there are select, ignore, "),
        ("select = 'LW1'", "select: is to be a list of strings, and is a string"),
        ("select = [1]", "select: is to be a list of strings, and has 1 in it"),
        ("select = ['LW9']", "select: no rule's id begins with 'LW9'"),
        ("ignore = ['lw101']", "ignore: no rule's id begins with 'lw101'; did you mean LW101"),
        ("exclude = {}", "exclude: is to be a list of strings, and is a table"),
        ("confidence = 'sure'", "confidence: is to be one of low, medium, high, and is 'sure'"),
        ("confidence = 3", "confidence: is to be one of low, medium, high, and is 3"),
        ("fail-on = 'never'", "fail-on: is to be one of error, warning, info, and is 'never'"),
        ("severity = []", "severity: is to be one of error, warning, info, and is []"),
        ("baseline = true", "baseline: is to be a string, and is a truth value"),
        ("gitignore = 'no'", "gitignore: is to be true or false, and is a string"),
        ("per-file-ignores = []", "per-file-ignores: is to be a table of lists, and is a list"),
        ("per-file-ignores = {a = 'LW1'}", "per-file-ignores: 'a' is to be a list of strings"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, line: str, problem: str) -> None:
    """Is told with the file and the key."""
    file = write(tmp_path, f"[tool.longwire.lint]\n{line}\n")
    with pytest.raises(SettingsError) as caught:
        read_settings(file)
    assert str(caught.value).startswith(f"{file}: [tool.longwire.lint] {problem}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tool.longwire.lint\n", "Expected ']'"),
        ("[tool]\nlongwire = 1", "[tool.longwire] is to be a table, and is 1"),
        ("[tool.longwire]\nlint = []", "[tool.longwire.lint] is to be a table, and is a list"),
    ],
)
def test_a_file_that_is_broken(tmp_path: Path, text: str, problem: str) -> None:
    """Is told, too, if it is for us."""
    with pytest.raises(SettingsError) as caught:
        read_settings(write(tmp_path, text))
    assert problem in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Where it was named, that is told."""
    with pytest.raises(SettingsError, match="No such file"):
        read_settings(tmp_path / "none.toml")


def test_the_nearest_file_holds(tmp_path: Path) -> None:
    """Files without the section do not count; without any, the defaults hold."""
    write(tmp_path, '[tool.longwire.lint]\nselect = ["LW1"]')
    write(tmp_path / "a", "[tool.other]")
    write(tmp_path / "a" / "b", '[tool.longwire.lint]\nselect = ["LW101"]')
    configuration = Configuration(Overrides(confidence=Confidence.LOW))
    assert configuration.at(str(tmp_path / "a")).select == ("LW1",)
    inner = configuration.at(str(tmp_path / "a" / "b" / "c"))
    assert (inner.select, inner.root) == (("LW101",), tmp_path / "a" / "b")
    assert inner.confidence is Confidence.LOW
    assert configuration.at("/").select == ("LW",)


def test_settings_for_everything(tmp_path: Path) -> None:
    """Whatever is nearer is not looked at."""
    write(tmp_path, "[tool.longwire.lint]\nnonsense = 1")
    fixed = Settings(root=Path("/"), select=("LW101",))
    assert Configuration(Overrides(), fixed).at(str(tmp_path)).select == ("LW101",)
