"""Sends to one connection after the other, or to all of them at once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.python.names import dotted
from longwire.lint.python.tasks import hides_errors

if TYPE_CHECKING:
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Loop


def _sent_to(call: Call) -> ast.expr:
    return call.node.func.value  # type: ignore[attr-defined, no-any-return]


def over_connections(call: Call, file: PythonFile) -> Loop | None:
    """The loop over connections that gives the one that is sent to."""
    receiver = _sent_to(call)
    if not isinstance(receiver, ast.Name):
        return None
    for loop in reversed(call.place.loops):
        if isinstance(loop.node, ast.For):
            names = {one.id for one in ast.walk(loop.node.target) if isinstance(one, ast.Name)}
            if receiver.id in names:
                kind = file.meanings.kind(loop.node.iter, call.function)
                # What is iterated over, and called ws, are connections, wherever they are kept.
                return loop if kind is None or kind.startswith("[") else None
    return None


def gather_of(call: Call, file: PythonFile) -> Call | None:
    """The gather that runs the sends of a comprehension over connections."""
    if not isinstance(call.parent, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        return None
    clients = {
        dotted(one)
        for made in call.parent.generators
        for one in ast.walk(made.target)
        if isinstance(one, ast.Name)
    }
    if dotted(_sent_to(call))[:1] not in clients:
        return None  # several messages for one connection
    for one in call.function.calls:
        name = file.meanings.name(one.node.func, one.function)
        if name == "asyncio.gather" and not hides_errors(one):
            inside = any(part is call.parent for part in ast.walk(one.node))
            if inside or call in (started.coroutine for started in file.tasks.of(one)):
                return one
    return None
