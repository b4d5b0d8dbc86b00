"""A comment that ignores nothing is taken away, or those of its ids that ignore nothing.

With it goes the reason behind it, up to the next comment of the line, and the line itself, if it
holds nothing else. Left to a person: one in the midst of another comment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.lint.fixes.fix import Edit, Fix
from longwire.lint.lines import LINE_END

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code

_IDS: Final = re.compile(r"\[([^\]]*)\]$")
_UNUSED: Final = re.compile(r"\bLW\d{3}\b")
_SIGN: Final = re.compile(r"#[#!\s]*$")


def edits(code: Code, finding: Finding) -> Sequence[Edit] | None:
    """What to change for a finding; None, if it is not safe."""
    line_start = code.line_start(finding.line)
    start, end = line_start + finding.column - 1, line_start + finding.end_column - 1
    ids = _IDS.search(code.text, start, end)
    if ids is None:
        return None
    unused = set(_UNUSED.findall(finding.message))
    left = [one for one in re.findall(r"[^\s,]+", ids[1]) if one.upper() not in unused]
    if left:
        return (Edit(ids.start(1), ids.end(1), ", ".join(left)),)
    return _without(code.text, line_start, start, end)


def _without(text: str, line_start: int, start: int, end: int) -> Sequence[Edit] | None:
    """A text without a comment."""
    if text[start] != "#":
        sign = _SIGN.search(text, line_start, start)
        if sign is None:
            return None
        start = sign.start()
    found = LINE_END.search(text, end)
    line_end, next_line = (len(text), len(text)) if found is None else found.span()
    further = text.find("#", end, line_end)
    if further >= 0:
        return (Edit(start, further, ""),)
    before = text[line_start:start].rstrip()
    if not before:
        return (Edit(line_start, next_line, ""),)
    return (Edit(line_start + len(before), line_end, ""),)


FIX = Fix("LW001", "Take the comment away", edits)
