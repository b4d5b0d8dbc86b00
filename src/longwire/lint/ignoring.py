"""Adds the comment that ignores a finding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.lint.languages import PYTHON, language_of
from longwire.lint.likeness import is_better
from longwire.lint.lines import lines_with_ends
from longwire.lint.python.reading import encode

if TYPE_CHECKING:
    from longwire.lint.finding import Finding
    from longwire.lint.likeness import Look

_THERE: Final = re.compile(r"(?i)longwire:\s*ignore\s*\[([^\]]*)")
_FAR: Final = 20
"""So many lines further down a string may end, which can have no comment inside."""


def ignored(source: bytes, one: Finding, look: Look) -> bytes | None:
    """A source with a comment that ignores a finding; None, if no place for it is found.

    Args:
        source: In which it was found.
        one: The finding.
        look: Tells what is found in a version of the source.
    """
    language = language_of(one.path) or PYTHON
    before = look(source)
    try:
        lines = lines_with_ends(language.decode(source))
    except SyntaxError:
        return None
    for number in range(one.line - 1, min(one.line - 1 + _FAR, len(lines))):
        line = _commented(lines[number], one.rule, "#" if language is PYTHON else "//")
        text = "".join((*lines[:number], line, *lines[number + 1 :]))
        candidate = encode(text, source) if language is PYTHON else text.encode()
        # In the midst of a string, or behind a backslash, it would be no comment.
        if is_better(before, look(candidate), (one,)):
            return candidate
    return None


def _commented(line: str, rule: str, sign: str) -> str:
    text = line.rstrip("\r\n")
    end = line[len(text) :]
    there = _THERE.search(text)
    if there is not None:
        ids = f"{there[1].rstrip()}, {rule}" if there[1].strip() else rule
        return f"{text[: there.start(1)]}{ids}{text[there.end(1) :]}{end}"
    return f"{text.rstrip()}  {sign} longwire: ignore[{rule}]{end}"
