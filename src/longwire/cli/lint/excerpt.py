"""The lines around a finding, with marks under what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from unicodedata import combining, east_asian_width

from longwire.cli.printable import printable

if TYPE_CHECKING:
    from longwire.lint.finding import Finding
    from longwire.lint.run import Source

_AROUND: Final = 2
"""Lines that are shown above and below."""
_WIDEST: Final = 140
"""Characters of a line that are shown; a line of machine-made code may have a million."""
_TAB: Final = "    "


def excerpt(source: Source, one: Finding) -> list[tuple[str, str, bool]]:
    """Lines to print: what stands before the bar, what behind it, and whether those are marks."""
    first, last = max(one.line - _AROUND, 1), min(one.line + _AROUND, len(source.lines))
    if not first <= one.line <= last:
        return []  # it is about no line of the file
    width = len(str(last))
    shown: list[tuple[str, str, bool]] = []
    start = max(one.column - 1 - _WIDEST // 2, 0) if len(source.line(one.line)) > _WIDEST else 0
    for number in range(first, last + 1):
        text = source.line(number)
        shown.append((f"{number:{width}}", _visible(text[start : start + _WIDEST]), False))
        if number == one.line:
            shown.append((" " * width, _marks(text, one, start), True))
    while len(shown) > 1 and not shown[-1][1].strip():
        shown.pop()
    return shown


def _marks(text: str, one: Finding, start: int) -> str:
    end = one.end_column - 1 if one.end_line == one.line else len(text)
    before = text[start : one.column - 1]
    marked = text[one.column - 1 : min(end, start + _WIDEST)]
    return " " * _columns(before) + "^" * max(_columns(marked), 1)


def _visible(text: str) -> str:
    return printable(text.replace("\t", _TAB))


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in _visible(text)
    )
