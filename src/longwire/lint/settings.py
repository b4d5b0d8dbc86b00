"""What is wanted of the linter in a part of a project."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Confidence, Severity
from longwire.lint.globs import Patterns
from longwire.lint.selection import ALL, is_selected

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is wanted.

    Attributes:
        root: The directory that all patterns and file names are relative to.
        select: Rules that are wanted, or beginnings of their ids.
        ignore: Those that are not.
        exclude: Patterns of paths that are passed over, as in a ``.gitignore``, besides those that
            always are.
        per_file_ignores: Rules that are not wanted in files that a pattern matches.
        confidence: The lowest that is shown.
        severity: The lowest that is shown.
        fail_on: The lowest severity that makes a run fail.
        baseline: A file with the findings that are known.
        gitignore: What git ignores is passed over.
    """

    root: Path
    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    confidence: Confidence = Confidence.MEDIUM
    severity: Severity = Severity.INFO
    fail_on: Severity = Severity.WARNING
    baseline: str | None = None
    gitignore: bool = True

    def excludes(self, path: str, *, is_directory: bool = False) -> bool:
        """Whether ``exclude`` matches a path, or a directory that it is in."""
        if not self._excluded:
            return False
        relative = self._relative(path)
        if relative is None:
            return False
        return self._excluded.cover(relative, is_directory=is_directory)

    def selected(self, path: str) -> frozenset[str]:
        """The ids of the rules that are wanted in a file."""
        relative = self._relative(path) if self._per_file else None
        here = (
            ()
            if relative is None
            else tuple(
                one for patterns, ids in self._per_file if patterns.cover(relative) for one in ids
            )
        )
        return frozenset(
            rule
            for rule in ALL_RULES
            if is_selected(rule, self.select, self.ignore) and is_selected(rule, (ALL,), here)
        )

    @cached_property
    def _excluded(self) -> Patterns:
        return Patterns(self.exclude)

    @cached_property
    def _per_file(self) -> list[tuple[Patterns, tuple[str, ...]]]:
        return [(Patterns([pattern]), ids) for pattern, ids in self.per_file_ignores.items()]

    def _relative(self, path: str) -> str | None:
        """A path relative to the root, parted by slashes; None, if it is not below."""
        try:
            relative = os.path.relpath(path, self.root)
        except ValueError:  # on another drive
            return None
        text = relative.replace(os.sep, "/")
        return None if text == ".." or text.startswith("../") else text


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What the command line says, which comes before every file.

    Attributes:
        select: In place of ``select`` and ``ignore``; None: as configured.
        ignore: Besides what is ignored.
        confidence, severity, fail_on, gitignore: None: as configured.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    confidence: Confidence | None = None
    severity: Severity | None = None
    fail_on: Severity | None = None
    gitignore: bool | None = None

    def over(self, settings: Settings) -> Settings:
        """The settings with what is said here."""
        said = {
            name: value
            for name in ("confidence", "severity", "fail_on", "gitignore")
            if (value := getattr(self, name)) is not None
        }
        if self.select is not None:
            said |= {"select": self.select, "ignore": ()}
        settings = replace(settings, **said)
        return replace(settings, ignore=(*settings.ignore, *self.ignore))


def is_as_bad(severity: Severity, than: Severity) -> bool:
    """Whether a severity is the same as another, or worse."""
    order = list(Severity)  # the worst first
    return order.index(severity) <= order.index(than)
