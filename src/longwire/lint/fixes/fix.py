"""What a fix is: a file of its own in `longwire.lint.fixes`, named like that of its rule.

The docstring of the file says what is written instead, and where it is left to a person, as another
text might make things worse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code


class Edit(NamedTuple):
    """A part of a text, and what is to stand there. Places are counted in characters, from 0."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """A fix.

    Attributes:
        rule: The id of the rule whose findings it mends.
        title: What it does, as a person would say it in a menu.
        edits: What to change in a text for a finding of the rule; None, if it is not safe there.
    """

    rule: str
    title: str
    edits: Callable[[Code, Finding], Sequence[Edit] | None]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits made. The same one twice is made once.

    Raises:
        ValueError: two of them are about the same part, and differ.
    """
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        if edit.start < at:
            raise ValueError("edits overlap")
        parts += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*parts, text[at:]))
