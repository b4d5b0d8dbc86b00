"""The comments of a Rust file. A string that looks like one is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.comments import Comment
from longwire.lint.rust.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

_KINDS: Final = frozenset({"line_comment", "block_comment"})


def comments(text: str) -> Sequence[Comment]:
    """All comments, in order, those in macros, too."""
    source = text.encode()
    lines = source.split(b"\n")
    found = []
    stack = [parse(source)]
    while stack:
        node = stack.pop()
        if node.type in _KINDS:
            (line, column), end = node.start_point, node.end_byte
            before = lines[line][:column].decode(errors="replace")
            words = source[node.start_byte : end].decode(errors="replace").rstrip()
            found.append(Comment(line + 1, len(before) + 1, words, (line + 1,)))
        else:
            stack.extend(reversed(node.children))
    return found
