"""What comments ignore, and what is to be said of the comments themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from longwire.lint.catalogue import ALL_RULES, GENERAL_RULES
from longwire.lint.finding import finding
from longwire.lint.rules.general import lw001_unused_ignore, lw002_broken_ignore

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from longwire.lint.comments import Ignore
    from longwire.lint.finding import Finding


class Settled(NamedTuple):
    """The findings of a file that are left, and how many comments ignore."""

    findings: list[Finding]
    ignored: int


def settle(
    path: str, findings: Iterable[Finding], comments: Sequence[Ignore], selected: Collection[str]
) -> Settled:
    """Take away what comments ignore, and add what is to be said of the comments.

    Args:
        path: Of the file.
        findings: In it; those of rules that are not selected are taken away, too.
        comments: In it.
        selected: Ids of rules.
    """
    wanted = [one for one in findings if one.rule in selected]
    if not comments:
        return Settled(sorted(wanted), 0)
    taken = _Taken(comments)
    left = [one for one in wanted if not taken.take(one)]
    notices = [
        one
        for one in _notices(path, taken, selected)
        if one.rule in selected and not taken.take(one)
    ]
    return Settled(sorted([*left, *notices]), len(wanted) - len(left))


class _Taken:
    """The comments of a file, and which of their ids have ignored something."""

    def __init__(self, comments: Sequence[Ignore]) -> None:
        self.comments = comments
        self._used: set[tuple[int, str]] = set()

    def take(self, one: Finding) -> bool:
        """Whether a finding is ignored; every comment that does so is of use."""
        # A formatter that breaks a line takes the comment to where the expression ends.
        lines = {one.line, one.end_line}
        by = [
            number
            for number, comment in enumerate(self.comments)
            if comment.what in _WORDS
            and one.rule in comment.ids
            and (comment.for_file or not lines.isdisjoint((comment.line, *comment.lines)))
        ]
        self._used.update((number, one.rule) for number in by)
        return bool(by)

    def unused(self, selected: Collection[str]) -> Iterator[tuple[Ignore, tuple[str, ...]]]:
        """Comments with those ids that have ignored nothing, though the rule was asked."""
        for number, comment in enumerate(self.comments):
            ids = tuple(
                one
                for one in comment.ids
                if one in selected and one not in GENERAL_RULES and (number, one) not in self._used
            )
            if ids and comment.what in _WORDS:
                yield comment, ids


def _notices(path: str, taken: _Taken, selected: Collection[str]) -> list[Finding]:
    broken = [(one, text) for one in taken.comments if (text := _problem(one)) is not None]
    unused, wrong = lw001_unused_ignore, lw002_broken_ignore
    return [
        *(finding(path, wrong.RULE, one) for one in wrong.check(broken)),
        *(finding(path, unused.RULE, one) for one in unused.check(taken.unused(selected))),
    ]


_WORDS = ("ignore", "ignore-file")


def _problem(comment: Ignore) -> str | None:
    if comment.what not in _WORDS:
        # Without ids behind it, it is a remark about this library rather than an order.
        return f"there is no longwire: {comment.what}; it ignores nothing" if comment.ids else None
    if not comment.ids:
        return "this comment names no rule; it ignores nothing"
    unknown = [one for one in comment.ids if one not in ALL_RULES]
    return f"there is no rule {', and no rule '.join(unknown)}" if unknown else None
