"""Annotations of GitHub's workflows: a command on each line of what a step prints."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Finding
    from longwire.lint.run import Outcome

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def commands(outcome: Outcome) -> Iterator[str]:
    """One for each finding, and for each mistake of our own."""
    for one in outcome.findings:
        yield _annotation(one)
    for defect in outcome.defects:
        text = f"{defect.rule or 'the linter'} failed here: {defect.error}"
        yield f"::error file={_property(defect.path)},title=defect of longwire::{_data(text)}"


def _annotation(one: Finding) -> str:
    title = f"{one.rule} {ALL_RULES[one.rule].name}"
    path = one.path.replace(os.sep, "/")
    where = f"file={_property(path)},line={one.line},endLine={one.end_line}"
    if one.line == one.end_line:  # GitHub takes columns only then
        where += f",col={one.column},endColumn={one.end_column}"
    text = _data(f"{one.message}\n{one.help}")
    return f"::{_COMMANDS[one.severity]} {where},title={_property(title)}::{text}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
