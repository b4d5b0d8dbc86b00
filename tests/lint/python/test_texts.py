"""The words that a value is made of."""

from __future__ import annotations

import ast
import textwrap

import pytest

from longwire.lint.python.collect import collect
from longwire.lint.python.meanings import Meanings
from longwire.lint.python.texts import texts_of


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        ("'a'", {"a"}),
        ("b'a'", {"a"}),
        ("json.dumps({'op': 'subscribe'})", {"op", "subscribe"}),
        ("f'x {1} y'", {"x ", " y"}),
        ("REQUEST", {"asked"}),
        ("local", {"made"}),
        ("self.request", {"kept"}),
        ("built()", {"returned"}),
        ("data=local", {"made"}),
        ("unknown", set()),
        ("given", set()),
    ],
)
def test_where_texts_come_from(argument: str, found: set[str]) -> None:
    """Names, constants, attributes, functions of the same module."""
    source = f"""
        import json
        REQUEST = ["asked"]
        def built():
            return "returned"
        class Feed:
            def __init__(self):
                self.request = "kept"
            def run(self, given):
                local = "made"
                send({argument})
    """
    module = collect(ast.parse(textwrap.dedent(source)))
    (call,) = (one for one in module.calls.values() if ast.unparse(one.node.func) == "send")
    assert set(texts_of(call, Meanings(module))) == found


def test_a_value_that_is_made_of_itself() -> None:
    """Comes to an end."""
    module = collect(ast.parse("def f(a):\n    a = a + 'x'\n    return f(send(a))"))
    (call,) = (one for one in module.calls.values() if ast.unparse(one.node.func) == "send")
    assert set(texts_of(call, Meanings(module))) == {"x"}
