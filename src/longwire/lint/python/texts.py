"""The words that a value is made of."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Call, Function

_DEEP: Final = 4
"""So many names from a value to its text."""


def texts(
    expression: ast.expr, function: Function, meanings: Meanings, deep: int = _DEEP
) -> Iterator[str]:
    """Every text that is written in an expression, or where its names come from.

    Through local names, constants of the module, attributes, and functions of the module that it
    calls: ``json.dumps(self.request)`` has those of ``self.request = {"op": "subscribe"}``.
    """
    for node in ast.walk(expression):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            text = node.value
            yield text if isinstance(text, str) else text.decode(errors="replace")
        elif isinstance(node, (ast.Name, ast.Attribute)) and deep:
            for binding in meanings.bindings(node, function):
                if binding.how in ("is", "holds"):
                    yield from texts(binding.source, binding.function, meanings, deep - 1)
        elif isinstance(node, ast.Call) and deep:
            called = meanings.function(node.func, function)
            for returned in () if called is None else called.returns:
                yield from texts(returned, called or function, meanings, deep - 1)


def texts_of(call: Call, meanings: Meanings) -> Iterator[str]:
    """Every text that a call is given."""
    for argument in (*call.node.args, *(one.value for one in call.node.keywords)):
        yield from texts(argument, call.function, meanings)
