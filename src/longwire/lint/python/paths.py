"""Which ways lead through statements, and what is done on each.

A rule asks: is there a way from the handler back to the receive on which nothing suspends?
Conditions are taken to go either way; an exception, to be possible before each statement of a try.
"""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import AnyTry, Loop, Module

_MANY: Final = 64
"""So many ways are told apart; what would make more of them is not looked into."""


class End(enum.Enum):
    """How a way through statements ends."""

    FALLS = "goes on behind them"
    BREAKS = "leaves the loop"
    CONTINUES = "goes on with the next turn of the loop"
    RETURNS = "leaves the function"
    RAISES = "raises"


class Way(NamedTuple):
    """One way through statements.

    Attributes:
        end: How it ends.
        does: What is done on it by calls.
        awaits: Something is awaited on it that is neither a receive nor a send, and waits.
        marked: It comes by the statement that is asked for.
    """

    end: End
    does: Role = Role.NONE
    awaits: bool = False
    marked: bool = False

    def then(self, other: Way) -> Way:
        """This one, and another one behind it."""
        return Way(
            other.end,
            self.does | other.does,
            self.awaits or other.awaits,
            self.marked or other.marked,
        )


_START: Final = frozenset({Way(End.FALLS)})
_AWAITED: Final = Role.RECEIVE | Role.SEND | Role.PING | Role.PONG | Role.YIELD
"""What may be done without waiting: on a connection that has ended, or by a free way."""


class Paths:
    """The ways through the statements of a module."""

    def __init__(self, module: Module, meanings: Meanings) -> None:
        self._module = module
        self._meanings = meanings
        self._instead: dict[ast.stmt, frozenset[Way]] = {}
        self._decided: Mapping[ast.stmt, Sequence[ast.stmt]] = {}

    def through(self, statements: Sequence[ast.stmt]) -> frozenset[Way]:
        """Every way through statements."""
        ways = _START
        for statement in statements:
            going = [way for way in ways if way.end is End.FALLS]
            if not going or len(ways) > _MANY:
                break
            after = self._statement(statement)
            ways = frozenset(way for way in ways if way.end is not End.FALLS) | {
                way.then(other) for way in going for other in after
            }
        return ways

    def turns(self, loop: Loop, statement: ast.stmt, instead: Iterable[ast.stmt]) -> frozenset[Way]:
        """The ways through a turn of a loop that come by a statement, which ends in others.

        Args:
            loop: The loop.
            statement: A statement inside it, such as a try whose body fails.
            instead: What is run in its place, such as the body of its handler.
        """
        marked = {way._replace(marked=True) for way in self.through(list(instead))}
        self._instead[statement] = frozenset(marked)
        try:
            ways = self.through(loop.node.body)
        finally:
            del self._instead[statement]
        return frozenset(way for way in ways if way.marked)

    def decided(self, loop: Loop, decided: Mapping[ast.stmt, Sequence[ast.stmt]]) -> frozenset[Way]:
        """The ways through a turn of a loop, where the outcome of some conditions is known.

        Args:
            loop: The loop.
            decided: Statements that choose, each with those that are run then.
        """
        self._decided = decided
        try:
            return self.through(loop.node.body)
        finally:
            self._decided = {}

    def _statement(self, statement: ast.stmt) -> frozenset[Way]:
        if statement in self._decided:
            return self.through(self._decided[statement])
        if statement in self._instead:
            return self._instead[statement]
        own = self._own(statement)
        match statement:
            case ast.Return():
                return frozenset({own._replace(end=End.RETURNS)})
            case ast.Raise():
                return frozenset({own._replace(end=End.RAISES)})
            case ast.Break():
                return frozenset({own._replace(end=End.BREAKS)})
            case ast.Continue():
                return frozenset({own._replace(end=End.CONTINUES)})
            case ast.If(test=ast.Constant(value=value)):
                return self.through(statement.body if value else statement.orelse)
            case ast.If():
                return _behind(own, self.through(statement.body) | self.through(statement.orelse))
            case ast.Match():
                return _behind(own, self._cases(statement))
            case ast.While() | ast.For() | ast.AsyncFor():
                return _behind(own, self._loop(statement))
            case ast.With() | ast.AsyncWith():
                return self._with(statement, own)
            case ast.Try() | ast.TryStar():
                return self._try(statement)
        if Role.EXIT in own.does:
            return frozenset({own._replace(end=End.RAISES)})
        return frozenset({own})

    def _own(self, statement: ast.stmt) -> Way:
        """What the calls of a statement do that are not in statements inside it."""
        does = Role.NONE
        awaits = isinstance(statement, (ast.AsyncFor, ast.AsyncWith))
        for call in self._module.calls_in(statement):
            role = self._meanings.role(call)
            does |= role
            if call.awaited and not role & _AWAITED:
                awaits = True
        if not awaits and isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign)):
            # A future or an event that is awaited by its name.
            value = statement.value
            awaits = isinstance(value, ast.Await) and not isinstance(value.value, ast.Call)
        if isinstance(statement, ast.Expr) and isinstance(
            statement.value, (ast.Yield, ast.YieldFrom)
        ):
            awaits = True
        if _stores_outside(statement):
            does |= Role.TELL
        return Way(End.FALLS, does, awaits)

    def _cases(self, statement: ast.Match) -> frozenset[Way]:
        ways = frozenset().union(*(self.through(case.body) for case in statement.cases))
        last = statement.cases[-1]
        whole = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
        return ways if whole and last.guard is None else ways | _START

    def _loop(self, statement: ast.While | ast.For | ast.AsyncFor) -> frozenset[Way]:
        inside = self.through(statement.body)
        leaving = frozenset(
            way._replace(end=End.FALLS) if way.end is End.BREAKS else way
            for way in inside
            if way.end not in (End.FALLS, End.CONTINUES)
        )
        if isinstance(statement, ast.While) and _always(statement.test):
            return leaving
        turned = {
            way._replace(end=End.FALLS) for way in inside if way.end in (End.FALLS, End.CONTINUES)
        }
        return leaving | _START | turned

    def _with(self, statement: ast.With | ast.AsyncWith, own: Way) -> frozenset[Way]:
        ways = _behind(own, self.through(statement.body))
        for item in statement.items:
            if isinstance(item.context_expr, ast.Call):
                function = self._module.calls[item.context_expr].function
                name = self._meanings.name(item.context_expr.func, function)
                if name == "contextlib.suppress":
                    ways |= {own}
        return ways

    def _try(self, statement: AnyTry) -> frozenset[Way]:
        body = self.through(statement.body)
        ways = frozenset(way for way in body if way.end is not End.FALLS)
        behind = self.through(statement.orelse)
        ways |= {way.then(other) for way in body if way.end is End.FALLS for other in behind}
        for handler in statement.handlers:
            ways |= self.through(handler.body)
        if not statement.finalbody:
            return ways
        final = self.through(statement.finalbody)
        return frozenset(
            # What finally itself does with the end goes before what was about to happen.
            way.then(other)._replace(end=way.end if other.end is End.FALLS else other.end)
            for way in ways
            for other in final
        )


def _behind(own: Way, ways: Iterable[Way]) -> frozenset[Way]:
    return frozenset(own.then(way) for way in ways)


def _stores_outside(statement: ast.stmt) -> bool:
    """Whether a statement sets something that outlives the function: an attribute, an item."""
    match statement:
        case ast.Assign(targets=targets):
            return any(isinstance(one, (ast.Attribute, ast.Subscript)) for one in targets)
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return isinstance(target, (ast.Attribute, ast.Subscript))
    return isinstance(statement, ast.Delete)


def _always(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)
