"""The comments of a Python file. A string that looks like one is none."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

from longwire.lint.comments import Comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STRINGS = frozenset(
    kind
    for name in ("STRING", "FSTRING_MIDDLE", "TSTRING_MIDDLE")  # the latter since Python 3.12, 3.14
    if (kind := getattr(tokenize, name, None)) is not None
)


def comments(text: str) -> Sequence[Comment]:
    """All comments, in order; none, where Python's tokenizer cannot read what its parser can."""
    try:
        return list(_comments(text))
    except (tokenize.TokenError, SyntaxError):
        return []


def _comments(text: str) -> Iterator[Comment]:
    held: list[int] = []
    """Lines above this one whose end is inside a string or behind a backslash: no place for one."""
    at = 1
    for kind, word, (line, column), (end_line, _), _ in tokenize.generate_tokens(
        io.StringIO(text, newline=None).readline
    ):
        if kind in (tokenize.NEWLINE, tokenize.NL):
            held = []
            at = line + 1
            continue
        if at < line and kind not in (tokenize.INDENT, tokenize.DEDENT):
            held += range(at, line)  # a backslash leads here
        if kind == tokenize.COMMENT:
            yield Comment(line, column + 1, word, (*held, line))
        elif kind in _STRINGS:
            held += range(line, end_line)
        at = max(at, end_line)
