"""Which rules are wanted: by their ids, or by what ids begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALL: Final = "LW"
"""What every id begins with."""
ALWAYS: Final = frozenset({"LW000"})
"""Rules that are left out only where they are ignored: a file that cannot be read is told."""


def is_selected(rule: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    """Whether a rule is wanted.

    The longest prefix decides, so that ``LW101`` can be wanted of ``LW1`` that are not.

    Args:
        rule: Its id.
        select: Ids, or beginnings of ids, of rules that are wanted.
        ignore: Likewise, of those that are not; where both are as long, this decides.
    """
    wanted = _longest(rule, select)
    if rule in ALWAYS:
        wanted = max(wanted, 0)
    return wanted > _longest(rule, ignore)


def _longest(rule: str, prefixes: Iterable[str]) -> int:
    return max((len(one) for one in prefixes if rule.startswith(one)), default=-1)


def check_prefixes(prefixes: Iterable[str], rules: Iterable[str]) -> None:
    """Raise ValueError, if there is a prefix that no rule begins with."""
    ids = list(rules)
    for prefix in prefixes:
        if not any(one.startswith(prefix) for one in ids) or not prefix:
            from difflib import get_close_matches  # noqa: PLC0415 - needed by nobody who spells well

            near = get_close_matches(prefix.upper(), [*ids, ALL])
            meant = f"; did you mean {' or '.join(near)}?" if near else ""
            message = f"no rule's id begins with {prefix!r}{meant}"
            raise ValueError(message)
