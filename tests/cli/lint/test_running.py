"""What the command line means."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from longwire.cli.failures import WrongUsage
from longwire.cli.lint import add_arguments
from longwire.cli.lint.running import options_of
from longwire.lint.finding import Confidence, Severity
from longwire.lint.run import Options
from longwire.lint.settings import Overrides


def options(*words: str) -> Options:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return options_of(parser.parse_args(words))


def test_nothing_said() -> None:
    """Is all as configured."""
    assert options() == Options()


def test_all_said() -> None:
    """Each option has its place."""
    assert options(
        *("src", "--select", "LW1, LW000", "--ignore", "LW101", "--confidence", "low"),
        *("--severity", "warning", "--fail-on", "error", "--exclude", "a", "--exclude", "b"),
        *("--force-exclude", "--no-gitignore", "--isolated", "--jobs", "3", "--cache-dir", "c"),
        *("--no-cache", "--baseline", "k.json", "--write-baseline"),
    ) == Options(
        overrides=Overrides(
            select=("LW1", "LW000"),
            ignore=("LW101",),
            confidence=Confidence.LOW,
            severity=Severity.WARNING,
            fail_on=Severity.ERROR,
            gitignore=False,
        ),
        exclude=("a", "b"),
        force_exclude=True,
        isolated=True,
        jobs=3,
        cache=Path("c"),
        no_cache=True,
        baseline=Path("k.json"),
        write_baseline=True,
    )


def test_what_cannot_be_meant() -> None:
    """Is told before anything is read."""
    with pytest.raises(WrongUsage, match="--select"):
        options("--select", "LW101,")
    with pytest.raises(WrongUsage, match="--jobs"):
        options("--jobs", "-1")
