"""From a source and what is found in it to one where as much as possible of it is fixed.

A fix is kept only if what comes of it can be compiled, if its finding is gone, and if nothing is
found that was not found before.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from longwire.lint.fixes.catalogue import all_fixes
from longwire.lint.fixes.code import Code, Unfixable
from longwire.lint.fixes.fix import apply
from longwire.lint.likeness import is_better
from longwire.lint.python.reading import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.fix import Edit
    from longwire.lint.likeness import Look


class Mended(NamedTuple):
    """What came of it.

    Attributes:
        source: As it is to be.
        fixed: What is no longer found there.
    """

    source: bytes
    fixed: tuple[Finding, ...]


def mend(source: bytes, findings: Iterable[Finding], look: Look) -> Mended:
    """Fix what can be fixed.

    Args:
        source: Of a Python file.
        findings: Those in it to fix, of any rules.
        look: Tells what is found in a source.

    Raises:
        ModuleNotFoundError: libcst is not installed.
    """
    before = look(source)
    wanted = [(one, edits) for one, edits in fixes_of(source, findings) if one in before]
    if not wanted:
        return Mended(source, ())
    attempt = _Attempt(source, before, look)
    mended = attempt.make(wanted)
    if mended is not None:
        return mended
    # One of them spoils it: each that does no harm beside those before it.
    kept: list[tuple[Finding, Sequence[Edit]]] = []
    best = Mended(source, ())
    for one in wanted:
        mended = attempt.make([*kept, one])
        if mended is not None:
            kept.append(one)
            best = mended
    return best


def fixes_of(source: bytes, findings: Iterable[Finding]) -> list[tuple[Finding, Sequence[Edit]]]:
    """Findings that can be fixed, each with the edits that do it. Whether they hold is not tried.

    Raises:
        ModuleNotFoundError: libcst is not installed.
    """
    fixes = all_fixes()
    fixable = [one for one in findings if one.rule in fixes]
    if not fixable:
        return []
    try:
        code = _code(source, fixable[0].path)
    except (SyntaxError, Unfixable):
        return []
    found = ((one, fixes[one.rule].edits(code, one)) for one in fixable)
    return [(one, edits) for one, edits in found if edits is not None]


@lru_cache(maxsize=1)
def _code(source: bytes, path: str) -> Code:
    """Kept, as an editor asks for one finding after the other, and libcst takes its time."""
    return Code(decode(source), path)


class _Attempt:
    """Fixes are tried on a source."""

    def __init__(self, source: bytes, before: Sequence[Finding], look: Look) -> None:
        self._source = source
        self._text = decode(source)
        self._before = before
        self._look = look

    def make(self, wanted: Sequence[tuple[Finding, Sequence[Edit]]]) -> Mended | None:
        """The source with these fixes; None, if it would not be right."""
        try:
            text = apply(self._text, (edit for _, edits in wanted for edit in edits))
            source = encode(text, self._source)
        except ValueError:
            return None
        if decode(source) != text or not _compiles(text):
            return None
        fixed = tuple(one for one, _ in wanted)
        return Mended(source, fixed) if is_better(self._before, self._look(source), fixed) else None


def _compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the program's own strings and comparisons
        try:
            compile(text, "<fixed>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
