"""Sends to one connection after the other, or to all of them at once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.python.errors import catch_end
from longwire.lint.python.guards import guards
from longwire.lint.python.names import dotted, names_in
from longwire.lint.python.tasks import hides_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function, Loop, Place

_VIEWS: Final = frozenset({"values", "items", "keys"})
_TAKES: Final = frozenset({"remove", "discard", "pop"})


def _sent_to(call: Call) -> ast.expr:
    return call.node.func.value  # type: ignore[attr-defined, no-any-return]


def over_connections(call: Call, file: PythonFile) -> Loop | None:
    """The loop over connections that gives the one that is sent to."""
    receiver = _sent_to(call)
    root = dotted(receiver)[:1]
    for loop in reversed(call.place.loops):
        if isinstance(loop.node, ast.For) and root in names_in([loop.node.target]):
            kind = file.meanings.kind(loop.node.iter, call.function)
            # What is iterated over, and called ws, are connections, wherever they are kept; or
            # what has one of them as an attribute.
            is_each = isinstance(receiver, ast.Attribute) or kind is None or kind.startswith("[")
            return loop if is_each else None
    return None


def gather_of(call: Call, file: PythonFile) -> Call | None:
    """The gather, or the ``asyncio.wait``, that runs a send to each of several connections."""
    if dotted(_sent_to(call))[:1] not in names_in([target for target, _ in call.gone_over]):
        return None  # several messages for one connection
    for one in call.function.calls:
        name = file.meanings.name(one.node.func, one.function)
        if name == "asyncio.wait" or (name == "asyncio.gather" and not hides_errors(one)):
            inside = any(part is call.parent for part in ast.walk(one.node))
            if inside or call in (started.coroutine for started in file.tasks.of(one)):
                return one
    return None


def changes_meanwhile(loop: Loop, file: PythonFile) -> bool:
    """Whether a loop takes something out of what it goes over, and goes on."""
    iterated = loop.node.iter  # type: ignore[union-attr]
    if isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Attribute):
        if iterated.func.attr not in _VIEWS:
            return False
        iterated = iterated.func.value
    path = dotted(iterated)
    return bool(path) and any(
        not _leaves_behind(loop, call)
        and (
            _takes_out(call, path)
            or any(_takes_out(one, path) for one in _calls_of(file.meanings.called(call), path))
        )
        for call in loop.calls
    )


def _calls_of(function: Function | None, path: tuple[str, ...]) -> Iterable[Call]:
    """The calls of a method, where names with ``self`` in front are the same there."""
    return function.calls if function is not None and path[0] == "self" else ()


def _takes_out(call: Call, path: tuple[str, ...]) -> bool:
    func = call.node.func
    return isinstance(func, ast.Attribute) and func.attr in _TAKES and dotted(func.value) == path


def _leaves_behind(loop: Loop, call: Call) -> bool:
    """Whether the loop is left right behind a call, in the same block."""
    for one in ast.walk(loop.node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(one, name, None)
            if isinstance(block, list) and call.statement in block:
                rest = block[block.index(call.statement) :]
                return any(isinstance(last, ast.Break | ast.Return | ast.Raise) for last in rest)
    return False


def is_guarded(file: PythonFile, place: Place, kind: str, within: Loop | None = None) -> bool:
    """Whether something catches the error of a send to one that is gone."""
    return any(catch_end(one.names, kind) for one in guards(place, file.meanings, within))


def ends_more(file: PythonFile, place: Place, kind: str, deep: int = 3) -> bool:
    """Whether an error there ends a loop: of the function, or of one that calls it, unguarded."""
    if kind == "websocket?":
        return False
    if place.loops:
        return True
    return deep > 0 and any(
        ends_more(file, call.place, kind, deep - 1)
        for call in file.graph.callers(place.function)
        if not is_guarded(file, call.place, kind)
    )
