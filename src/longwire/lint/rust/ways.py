"""The ways that lead through statements, each with how it ends and what is done on it."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.rust.roles import Role

if TYPE_CHECKING:
    from longwire.lint.rust.syntax import Node
    from longwire.lint.rust.values import Value

_ENDS: Final = re.compile(r"\b(Err|None)\b")
_PASSES: Final = Role.PAUSE | Role.CONNECT | Role.EXIT


class End(enum.Enum):
    """How a way ends."""

    FALLS = "goes on behind it"
    BREAKS = "leaves the loop"
    CONTINUES = "goes on with the next turn of the loop"
    RETURNS = "leaves the body"
    PANICS = "ends the task, or the process"


class Way(NamedTuple):
    """One way through something.

    Attributes:
        end: How it ends.
        label: Of the loop that it breaks or continues; empty for the innermost.
        value: What it gives where it falls.
        does: What its calls do.
        suspends: Something is awaited on it that other tasks may run meanwhile.
        marked: It comes by the call that is asked for.
        handled: What has taken the value of that call first: an arm, an ``else``, an ``if`` without
            one; None, as long as nothing has.
        names: What is known of the values of names.
    """

    end: End = End.FALLS
    label: str = ""
    value: Value = None
    does: Role = Role.NONE
    suspends: bool = False
    marked: bool = False
    handled: Node | None = None
    names: frozenset[tuple[str, Value]] = frozenset()

    @property
    def is_explicit(self) -> bool:
        """What has taken the value names it: an arm for ``Err(_)`` or ``None``."""
        if self.handled is None:
            return False
        if self.handled.kind == "if_expression":
            return bool(_ENDS.search(self.handled.need("condition").text))
        pattern = self.handled.field("pattern")
        return pattern is not None and bool(_ENDS.search(pattern.text))

    @property
    def spins(self) -> bool:
        """It comes to the next turn, and lets no time pass."""
        return self.starves and not self.does & Role.BLOCK

    @property
    def starves(self) -> bool:
        """It comes to the next turn, and no other task of its thread runs meanwhile."""
        return self.stays and not self.suspends and not self.does & _PASSES

    @property
    def stays(self) -> bool:
        """It comes to the next turn of the loop that was asked about."""
        return self.end in (End.FALLS, End.CONTINUES)


class TooMany(Exception):
    """There are more ways than are told apart."""


def is_own(way: Way, loop: Node, end: End) -> bool:
    """Whether a way ends so for this loop."""
    if way.end is not end:
        return False
    label = next((one.text for one in loop.children if one.kind == "label"), "")
    return way.label in ("", label)


def named(way: Way, names: dict[str, Value]) -> Way:
    """A way on which names get values."""
    if not names:
        return way
    kept = {(name, value) for name, value in way.names if name not in names}
    kept |= {(name, value) for name, value in names.items() if value is not None}
    return way._replace(names=frozenset(kept))


def handled(way: Way, by: Node, names: dict[str, Value] | None = None) -> Way:
    """A way on which something takes the value that is asked about, unless it only names it."""
    is_named = names is not None and any(value is not None for value in names.values())
    if way.marked and way.handled is None and way.value is not None and not is_named:
        return way._replace(handled=by)
    return way
