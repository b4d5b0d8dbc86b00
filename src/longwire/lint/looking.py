"""Looks at versions of one source, as fixes and comments are tried on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.check import Task, check
from longwire.lint.languages import PYTHON, language_of
from longwire.lint.suppression import settle

if TYPE_CHECKING:
    from collections.abc import Collection

    from longwire.lint.finding import Finding
    from longwire.lint.likeness import Look


def looker(path: str, selected: Collection[str]) -> Look:
    """What tells what is found in a version of a file.

    Args:
        path: Of the file.
        selected: Ids of rules.
    """
    language = language_of(path) or PYTHON

    def look(source: bytes) -> list[Finding]:
        checked = check(Task(language.name, source, path))
        found = (one._replace(path=path) for one in checked.findings)
        return settle(path, found, checked.comments, selected).findings

    return look
