"""Full names, each written in one way."""

from __future__ import annotations

import ast

import pytest

from longwire.lint.python.names import canonical, dotted, names_in


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("websockets.asyncio.client.connect", "websockets.connect"),
        ("websockets.sync.client.connect", "websockets.sync.connect"),
        ("websockets.exceptions.ConnectionClosed", "websockets.ConnectionClosed"),
        ("fastapi.WebSocket", "starlette.WebSocket"),
        ("aiohttp.web.WebSocketResponse", "aiohttp.WebSocketResponse"),
        ("websockets.connect", "websockets.connect"),
        ("os.path.join", "os.path.join"),
    ],
)
def test_one_name_for_what_has_several(name: str, one: str) -> None:
    """Wherever a library offers it."""
    assert canonical(name) == one


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a", ("a",)), ("a.b.c", ("a", "b", "c")), ("a().b", ()), ("a[0].b", ()), ("1", ())],
)
def test_names_with_dots(text: str, parts: tuple[str, ...]) -> None:
    """Nothing but names."""
    assert dotted(ast.parse(text, mode="eval").body) == parts


def test_all_names_of_expressions() -> None:
    """Whole ones and their beginnings; not ``self`` alone."""
    expressions = [ast.parse(text, mode="eval").body for text in ("[a, self.b]", "f(c.d)")]
    assert names_in(expressions) == {("a",), ("self", "b"), ("f",), ("c",), ("c", "d")}
