"""Findings that are known: those of a program that is older than its linter.

A finding is known again by its rule, its file, and the text of its line, whatever number the line
has. Where several are the same in that, they are counted.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from longwire.lint.finding import Finding

FORMAT: Final = "longwire-lint-baseline"


class BaselineError(ValueError):
    """A baseline cannot be read or written. Its text names the file."""


class Entry(msgspec.Struct, frozen=True, order=True):
    """Findings that are known.

    Attributes:
        path: Of the file, relative to the baseline's directory, parted by ``/``.
        rule: Id of the rule.
        text: Of the line, without the blanks around it.
        count: How many such findings there are.
    """

    path: str
    rule: str
    text: str
    count: int = 1


class _Content(msgspec.Struct, kw_only=True):
    format: Literal["longwire-lint-baseline"] = FORMAT
    version: Literal[1] = 1
    findings: list[Entry]


_Known = Counter[tuple[str, str, str]]


class Baseline:
    """The findings that are known.

    Args:
        file: Where they are, or are to be.
        line_of: The text of the line of a finding.
    """

    def __init__(self, file: Path, line_of: Callable[[Finding], str]) -> None:
        self._file = file
        self._directory = os.path.dirname(os.path.abspath(file))  # noqa: PTH100, PTH120 - links stay
        self._line_of = line_of

    def read(self) -> _Known:
        """What is known.

        Raises:
            BaselineError: there is no such file, or something else is in it.
        """
        try:
            content = msgspec.json.decode(self._file.read_bytes(), type=_Content)
        except OSError as error:
            raise BaselineError(f"{self._file}: {error.strerror}") from error
        except (msgspec.MsgspecError, ValueError) as error:
            raise BaselineError(f"{self._file} is no baseline: {error}") from error
        known = _Known()
        for one in content.findings:
            known[one.path, one.rule, one.text] += one.count
        return known

    def split(
        self, findings: Iterable[Finding], known: _Known
    ) -> tuple[list[Finding], list[Finding], _Known]:
        """The findings that are new, those that are known, and what is known and was not found."""
        left = known.copy()
        new: list[Finding] = []
        old: list[Finding] = []
        for one in findings:
            same = self._identity(one)
            if left[same] > 0:
                left[same] -= 1
                old.append(one)
            else:
                new.append(one)
        return new, old, +left

    def stale(self, left: _Known, checked: Collection[str]) -> list[Entry]:
        """Of what was not found, that of files that were checked, or that are no more."""
        paths = {self._relative(one) for one in checked}
        return sorted(
            Entry(path, rule, text, count)
            for (path, rule, text), count in left.items()
            if path in paths or not Path(self._directory, path).exists()
        )

    def write(self, findings: Iterable[Finding], checked: Collection[str]) -> int:
        """Write down all findings, and keep what was known of files that were not checked.

        Returns:
            How many findings are now known.

        Raises:
            BaselineError: that is not possible.
        """
        known = _Known(self._identity(one) for one in findings)
        if self._file.exists():
            before = self.read()
            stale = {(one.path, one.rule, one.text) for one in self.stale(before, checked)}
            known.update({same: count for same, count in before.items() if same not in stale})
        entries = sorted(Entry(*same, count) for same, count in known.items())
        data = msgspec.json.format(msgspec.json.encode(_Content(findings=entries)), indent=1)
        new = self._file.with_name(f"{self._file.name}.new")
        try:
            new.write_bytes(data + b"\n")
            new.replace(self._file)
        except OSError as error:
            raise BaselineError(f"{self._file}: {error.strerror}") from error
        return known.total()

    def _identity(self, one: Finding) -> tuple[str, str, str]:
        return self._relative(one.path), one.rule, _writable(self._line_of(one).strip())

    def _relative(self, path: str) -> str:
        try:
            relative = os.path.relpath(path, self._directory)
        except ValueError:  # on another drive
            relative = os.path.abspath(path)  # noqa: PTH100 - see above
        return _writable(relative.replace(os.sep, "/"))


def _writable(text: str) -> str:
    """A text without the lone surrogates that names of files, and strings, may have."""
    return text.encode(errors="backslashreplace").decode()
