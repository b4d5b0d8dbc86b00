"""Comments that ignore findings: ``longwire: ignore[LW101]``, ``longwire: ignore-file[LW101]``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MENTIONED: Final = b"longwire:"
"""What must be in a file before it is worth looking for comments."""

_COMMENT: Final = re.compile(
    r"(?:#|//|/\*)[#/!*\s]*longwire:\s*(?P<what>[\w-]*)\s*(?:\[(?P<ids>[^\]]*)\])?", re.IGNORECASE
)
_FURTHER: Final = re.compile(
    r"\blongwire:\s*(?P<what>ignore(?:-file)?)\s*(?:\[(?P<ids>[^\]]*)\])?", re.IGNORECASE
)
"""Behind another comment, such as ``# noqa: BLE001  # longwire: ignore[LW101]``."""


class Comment(NamedTuple):
    """A comment of a program.

    Attributes:
        line: From 1.
        column: Of its first character, from 1.
        text: With the signs that make it a comment.
        about: The line that it is about; the same, unless that line can have no comment, as a
            string goes on beyond its end.
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


def ignores(comments: Iterable[Comment]) -> Iterator[Ignore]:
    """What these comments are to ignore; others are passed over."""
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
            () if for_file else comment.about,
            tuple(one.upper() for one in re.findall(r"[^\s,]+", found["ids"] or "")),
            for_file,
            found["what"].lower(),
        )
