"""What catches an error that a call raises."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from longwire.lint.python.errors import catch_end, error_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Loop, Place, Try, With


class Guard(NamedTuple):
    """A handler of a try statement, or a ``with suppress(...)``.

    Attributes:
        statement: The whole statement.
        node: The handler, or the call of `suppress`.
        names: The errors that it catches.
        body: What is run then, but for the ``finally`` behind it.
    """

    statement: ast.stmt
    node: ast.ExceptHandler | ast.Call
    names: frozenset[str]
    body: list[ast.stmt]


def guards(place: Place, meanings: Meanings, within: Loop | None = None) -> Iterator[Guard]:
    """What could catch an error that is raised at a place, the innermost first.

    Args:
        place: Where it is raised.
        meanings: Of the module.
        within: Only what is inside this loop.
    """
    around: list[Try | With] = [one.block for one in place.tries if one.part == "body"]
    around += place.withs
    # What begins later is further inside.
    around.sort(key=lambda one: (one.node.lineno, one.node.col_offset), reverse=True)
    for block in around:
        if within is not None and within not in block.place.loops:
            return
        if isinstance(block.node, (ast.Try, ast.TryStar)):
            for handler in block.node.handlers:
                names = error_names(handler.type, place.function, meanings)
                final = block.node.finalbody
                yield Guard(block.node, handler, names, [*handler.body, *final])
        else:
            yield from _suppressors(block, meanings)


def _suppressors(block: With, meanings: Meanings) -> Iterator[Guard]:
    function = block.place.function
    for item in block.node.items:
        call = item.context_expr
        if (
            isinstance(call, ast.Call)
            and meanings.name(call.func, function) == "contextlib.suppress"
        ):
            names = frozenset[str]().union(
                *(error_names(one, function, meanings) for one in call.args)
            )
            yield Guard(block.node, call, names, [])


def catcher_of_end(
    place: Place, kind: str | None, meanings: Meanings, within: Loop | None = None
) -> Guard | None:
    """What catches the end of a connection; None, if nothing does.

    Args:
        place: Where it is received from.
        kind: Of the connection.
        meanings: Of the module.
        within: Only what is inside this loop.
    """
    return next(
        (one for one in guards(place, meanings, within) if catch_end(one.names, kind)), None
    )
