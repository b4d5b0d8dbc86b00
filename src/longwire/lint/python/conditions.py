"""Whether a loop ends by what its condition, or one inside it, asks for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.python.names import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Loop

_ALIVE: Final = frozenset(
    {"closed", "open", "connected", "state", "sock", "is_closed", "close_code"}
)
"""Parts of a condition that ask whether there is still a connection."""


def may_end(file: PythonFile, loop: Loop, handler: Sequence[ast.stmt]) -> bool:
    """Whether the condition of the loop asks the connection, or something that the handler sets.

    Args:
        file: The file.
        loop: A while loop.
        handler: What is run when the connection has ended.
    """
    if _asks_inside(loop):
        return True
    test = loop.node.test  # type: ignore[union-attr]
    asked = {dotted(one) for one in ast.walk(test) if isinstance(one, (ast.Name, ast.Attribute))}
    if any(parts and parts[-1].lstrip("_") in _ALIVE for parts in asked):
        return True
    stored = {
        dotted(one)
        for statement in _run(file, loop, handler)
        for one in ast.walk(statement)
        if isinstance(one, (ast.Name, ast.Attribute)) and isinstance(one.ctx, ast.Store)
    }
    return bool(asked & stored) or any(isinstance(one, ast.Call) for one in ast.walk(test))


def _asks_inside(loop: Loop) -> bool:
    """Whether something in the loop asks the state of the connection."""
    return any(
        isinstance(one, ast.Attribute) and one.attr in _ALIVE and len(dotted(one)) > 2
        for decision in loop.place.function.decisions
        if loop in decision.place.loops and isinstance(decision.node, ast.If)
        for one in ast.walk(decision.node.test)
    )


def _run(file: PythonFile, loop: Loop, handler: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a handler, and of the functions of this module that it calls."""
    yield from handler
    function = loop.place.function
    for call in function.calls:
        called = file.meanings.called(call)
        if called is not None and any(
            one.lineno <= call.node.lineno <= (one.end_lineno or 0) for one in handler
        ):
            yield from called.body
