"""What is wanted in a part of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Confidence, Severity
from longwire.lint.settings import Overrides, Settings, is_as_bad


def test_everything_is_selected_by_default() -> None:
    """All rules, of medium confidence and more; what is only worth knowing fails no run."""
    settings = Settings(root=Path("/p"))
    assert settings.selected("/p/a.py") == frozenset(ALL_RULES)
    assert settings.confidence is Confidence.MEDIUM
    assert settings.severity is Severity.INFO
    assert settings.fail_on is Severity.WARNING


def test_rules_that_are_not_wanted_in_some_files() -> None:
    """A pattern of a directory holds for all in it, relative to the configuration."""
    settings = Settings(root=Path("/p"), per_file_ignores={"tests/*": ("LW1",), "b.py": ("LW111",)})
    assert "LW101" not in settings.selected("/p/tests/deep/a.py")
    assert "LW001" in settings.selected("/p/tests/deep/a.py")
    assert "LW101" in settings.selected("/p/src/tests.py")
    assert "LW111" not in settings.selected("/p/src/b.py")
    assert "LW101" in settings.selected("/elsewhere/tests/a.py")


def test_what_is_excluded() -> None:
    """By patterns relative to the configuration; what is not below it is none of its business."""
    settings = Settings(root=Path("/p"), exclude=("generated", "/a.py"))
    assert settings.excludes("/p/src/generated/x.py")
    assert settings.excludes("/p/generated", is_directory=True)
    assert settings.excludes("/p/a.py")
    assert not settings.excludes("/p/src/a.py")
    assert not settings.excludes("/q/generated/x.py")
    assert not Settings(root=Path("/p")).excludes("/p/a.py")


def test_the_command_line_comes_first() -> None:
    """``--select`` in place of what is configured, ``--ignore`` besides it."""
    configured = Settings(root=Path("/p"), select=("LW1",), ignore=("LW101",))
    assert Overrides().over(configured) == configured
    chosen = Overrides(select=("LW101",), ignore=("LW111",), confidence=Confidence.LOW)
    settings = chosen.over(configured)
    assert (settings.select, settings.ignore) == (("LW101",), ("LW111",))
    assert settings.confidence is Confidence.LOW
    assert Overrides(ignore=("LW111",)).over(configured).ignore == ("LW101", "LW111")


@pytest.mark.parametrize(
    ("severity", "than", "bad"),
    [("error", "warning", True), ("warning", "warning", True), ("info", "warning", False)],
)
def test_severities_have_an_order(severity: str, than: str, *, bad: bool) -> None:
    """An error is worse than a warning, and that is worse than what is only worth knowing."""
    assert is_as_bad(Severity(severity), Severity(than)) is bad
