"""How a function ends, and whether anybody hears of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.python.errors import catch_end
from longwire.lint.python.guards import guards
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard
    from longwire.lint.python.records import Call, Function, Loop, Place

_STOPS: Final = ("stop", "close", "shutdown", "cleanup", "disconnect", "exit", "lifespan")
_ENDS: Final = (End.BREAKS, End.RETURNS, End.FALLS)


def ends_silently(file: PythonFile, place: Place, guard: Guard) -> bool:
    """Whether an error ends a function by a handler, and nobody is told.

    Anything but a line of text counts as telling: an attribute that is set, a call, an error.

    Args:
        file: The file.
        place: Where the error is raised.
        guard: What catches it.
    """
    if not _leaves(file, place, guard):
        return False
    # All that is done from here to the end of the function, or of the module's other code in it.
    rest = [*guard.body, *_behind(place.function.body, guard.statement)]
    shared = _shared(place.function)
    return not any(_tells(file, one, shared) for one in rest)


def tells(file: PythonFile, statements: Iterable[ast.stmt]) -> bool:
    """Whether statements do anything beside writing a line: store, call, raise."""
    return any(_tells(file, one, frozenset()) for one in statements)


def _shared(function: Function) -> frozenset[str]:
    """The names that a function shares with others: ``global``, ``nonlocal``."""
    return frozenset(
        name
        for statement in function.body
        for one in ast.walk(statement)
        if isinstance(one, ast.Global | ast.Nonlocal)
        for name in one.names
    )


def fails_itself(file: PythonFile, loop: Loop, guard: Guard, kind: str | None) -> bool:
    """Whether a handler sends: on a connection that has ended, that fails, and leaves the loop.

    Args:
        file: The file.
        loop: That receives.
        guard: What catches the end in it.
        kind: Of the connection.
    """
    return any(
        file.meanings.known(call).role & (Role.SEND | Role.PING)
        and any(part.handler is guard.node for part in call.place.tries)
        and not any(catch_end(one.names, kind) for one in guards(call.place, file.meanings, loop))
        for call in loop.calls
    )


def _leaves(file: PythonFile, place: Place, guard: Guard) -> bool:
    """Whether each way through the handler ends the function."""
    ways = file.paths.through(guard.body)
    inside = [loop for loop in place.loops if _contains(loop.node, guard.statement)]
    if not inside:
        return all(way.end in _ENDS for way in ways) and not place.function.name.startswith("test")
    return len(inside) == 1 and all(way.end in (End.BREAKS, End.RETURNS) for way in ways)


def _contains(outer: ast.AST, inner: ast.AST) -> bool:
    return any(one is inner for one in ast.walk(outer))


def _behind(
    body: Sequence[ast.stmt], statement: ast.stmt, *, in_loop: bool = False
) -> Iterator[ast.stmt]:
    """The statements that follow in the blocks around, but for those of a loop that is left."""
    for place, one in enumerate(body):
        if one is statement or _contains(one, statement):
            if not in_loop:
                yield from body[place + 1 :]
            if isinstance(one, ast.Try | ast.TryStar):
                yield from one.finalbody
            inside = in_loop or isinstance(one, ast.While | ast.For | ast.AsyncFor)
            for name in ("body", "orelse", "finalbody"):
                yield from _behind(getattr(one, name, []), statement, in_loop=inside)


def _tells(file: PythonFile, statement: ast.stmt, shared: frozenset[str]) -> bool:
    """Whether it does anything beside writing a line."""
    for one in ast.walk(statement):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and one.id in shared:
            return True
        if isinstance(one, ast.Attribute | ast.Subscript) and isinstance(one.ctx, ast.Store):
            return True
        if isinstance(one, ast.Raise | ast.Delete):
            return True
        if isinstance(one, ast.Return) and one.value is not None:
            return True
        call = file.module.calls.get(one) if isinstance(one, ast.Call) else None
        if call is not None and _is_done(file, call):
            return True
    return False


def _is_done(file: PythonFile, call: Call) -> bool:
    """Whether a call does more than to make a line of text, or to write it."""
    makes_text = isinstance(call.parent, ast.Call | ast.FormattedValue)
    return not makes_text and not file.meanings.known(call).role & (Role.LOG | Role.QUIET_LOG)


def is_at_the_end(call: Call, by: Function | None) -> bool:
    """Whether a call stands where something is ended: in a ``finally``, in ``stop`` or ``close``.

    Args:
        call: Which.
        by: The function that calls the one which it is in; None, where none is asked for.
    """
    names = f"{call.function.name} {by.name if by is not None else ''}".lower()
    return any(one in names for one in _STOPS) or any(
        one.part == "finally" for one in call.place.tries
    )
