"""Comments that ignore findings: ``longwire: ignore[LW101]``, ``longwire: ignore-file[LW101]``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MENTIONED: Final = b"longwire:"
"""What must be in a file before it is worth looking for comments."""

_COMMENT: Final = re.compile(
    r"(?:#|//|/\*)[#/!*\s]*longwire:\s*(?P<what>[\w-]*)\s*(?:\[(?P<ids>[^\]]*)\])?", re.IGNORECASE
)
_FURTHER: Final = re.compile(
    r"\blongwire:\s*(?P<what>ignore(?:-file)?)\s*(?:\[(?P<ids>[^\]]*)\])?", re.IGNORECASE
)
"""Behind another comment, such as ``# noqa: BLE001  # longwire: ignore[LW101]``."""


_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_NO_CODE: Final = ("#", "//")
"""How lines begin that a comment above is not about: further comments, and attributes of Rust."""


class Comment(NamedTuple):
    """A comment of a program.

    Attributes:
        line: From 1.
        column: Of its first character, from 1.
        text: With the signs that make it a comment.
        about: Its own line and, where they can have no comment, as a string goes on beyond their
            ends, those before.
    """

    line: int
    column: int
    text: str
    about: tuple[int, ...]


class Ignore(NamedTuple):
    """What a comment is to ignore.

    Attributes:
        lines: The lines that it is about; empty for a whole file.
        ids: Of the rules, as they are written; empty, where the comment cannot be understood.
        for_file: It is about all of the file.
        what: The word behind ``longwire:``.
    """

    line: int
    column: int
    end_column: int
    lines: tuple[int, ...]
    ids: tuple[str, ...]
    for_file: bool
    what: str


def ignores(comments: Iterable[Comment], text: str) -> Iterator[Ignore]:
    """What these comments are to ignore; others are passed over.

    Args:
        comments: All of a program.
        text: The program.
    """
    lines = _LINE_END.split(text)
    for comment in comments:
        found = _COMMENT.match(comment.text) or _FURTHER.search(comment.text)
        if found is None:
            continue
        start = comment.column + found.start()
        for_file = found["what"].lower() == "ignore-file"
        yield Ignore(
            comment.line,
            start,
            comment.column + found.end(),
            () if for_file else _about(comment, lines),
            tuple(one.upper() for one in re.findall(r"[^\s,]+", found["ids"] or "")),
            for_file,
            found["what"].lower(),
        )


def _about(comment: Comment, lines: Sequence[str]) -> tuple[int, ...]:
    """The lines that a comment is about: the next one with code, if it has its line for itself.

    That is where rustfmt puts a comment that stood behind a brace.
    """
    if lines[comment.line - 1][: comment.column - 1].strip():
        return comment.about
    below = comment.line + len(_LINE_END.findall(comment.text))
    for number, line in enumerate(lines[below:], below + 1):
        code = line.strip()
        if code and not code.startswith(_NO_CODE):
            return (number,)
    return comment.about
