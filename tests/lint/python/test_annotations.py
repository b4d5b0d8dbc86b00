"""The kinds of annotated values."""

from __future__ import annotations

import ast

import pytest

from longwire.lint.python.annotations import annotated
from longwire.lint.python.collect import collect
from longwire.lint.python.meanings import Meanings


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        ("websockets.ClientConnection", "websockets"),
        ("'websockets.ClientConnection'", "websockets"),
        ("Optional[websockets.ClientConnection]", "websockets"),
        ("None | websockets.ClientConnection", "websockets"),
        ("Union[None, asyncio.Queue[str]]", "asyncio.queue"),
        ("asyncio.Queue[str]", "asyncio.queue"),
        ("list[WebSocket]", "[starlette]"),
        ("typing.Dict[str, WebSocket]", "[starlette]"),
        ("dict[str, set[WebSocket]]", "[[starlette]]"),
        ("Feed", "class:Feed"),
        ("list[Feed]", "[class:Feed]"),
        ("int", None),
        ("'no python('", None),
        ("Callable[[str], None]", None),
    ],
)
def test_annotations(annotation: str, kind: str | None) -> None:
    """As text or not, whatever is around the type."""
    source = (
        "import asyncio, websockets, typing\nfrom fastapi import WebSocket\nclass Feed: ...\n"
        f"a: {annotation}"
    )
    module = collect(ast.parse(source))
    (statement,) = (one for one in module.tree.body if isinstance(one, ast.AnnAssign))
    assert annotated(statement.annotation, module.main, Meanings(module)) == kind
