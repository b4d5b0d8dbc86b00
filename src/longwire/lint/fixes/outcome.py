"""Fixes what a run has found, file by file."""

from __future__ import annotations

import difflib
import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.fixes.mend import mend
from longwire.lint.languages import PYTHON, language_of
from longwire.lint.looking import looker
from longwire.lint.python.reading import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Finding
    from longwire.lint.run import Outcome

_LINES: Final = re.compile(r"[^\n]*\n|[^\n]+")
"""As ``patch`` counts them: what else Python takes for the end of a line is a part of one."""


class FixedFile(NamedTuple):
    """A file in which something can be fixed.

    Attributes:
        path: As it was given.
        before: What was read there.
        after: What is to be there.
        findings: Those that this fixes.
    """

    path: str
    before: bytes
    after: bytes
    findings: tuple[Finding, ...]


def fixed_files(outcome: Outcome) -> Iterator[FixedFile]:
    """The files in which something that was found can be fixed. Nothing is written.

    Raises:
        ModuleNotFoundError: libcst is not installed.
    """
    for path, source in outcome.sources.items():
        findings = [one for one in outcome.findings if one.path == path]
        if (language_of(path) or PYTHON) is not PYTHON:
            continue
        mended = mend(source.raw, findings, looker(path, source.selected))
        if mended.fixed:
            yield FixedFile(path, source.raw, mended.source, mended.fixed)


def diff(file: FixedFile) -> str:
    """What changes, as ``patch`` reads it."""
    before, after = (_LINES.findall(_text(one)) for one in (file.before, file.after))
    parts = []
    for line in difflib.unified_diff(before, after, file.path, file.path):
        parts.append(line)
        if not line.endswith("\n"):
            parts.append("\n\\ No newline at end of file\n")
    return "".join(parts)


def _text(source: bytes) -> str:
    """The text of a source, with its byte order mark: ``patch`` takes that for a part of a line."""
    mark = "\ufeff" if source.startswith(BOM_UTF8) else ""
    return mark + decode(source)
