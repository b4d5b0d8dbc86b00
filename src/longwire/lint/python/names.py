"""Full names of what a module imports, each written in one way."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAME: Final = (
    ("websockets.sync.client.", "websockets.sync."),
    ("websockets.sync.server.", "websockets.sync."),
    ("websockets.sync.connection.", "websockets.sync."),
    ("websockets.asyncio.client.", "websockets."),
    ("websockets.asyncio.server.", "websockets."),
    ("websockets.asyncio.connection.", "websockets."),
    ("websockets.legacy.client.", "websockets."),
    ("websockets.legacy.server.", "websockets."),
    ("websockets.legacy.protocol.", "websockets."),
    ("websockets.legacy.exceptions.", "websockets."),
    ("websockets.client.", "websockets."),
    ("websockets.server.", "websockets."),
    ("websockets.protocol.", "websockets."),
    ("websockets.exceptions.", "websockets."),
    ("picows.websockets.asyncio.client.", "picows.websockets."),
    ("picows.websockets.asyncio.server.", "picows.websockets."),
    ("picows.websockets.exceptions.", "picows.websockets."),
    ("aiohttp.web.", "aiohttp."),
    ("aiohttp.client.", "aiohttp."),
    ("aiohttp.client_ws.", "aiohttp."),
    ("aiohttp.web_ws.", "aiohttp."),
    ("aiohttp.http.", "aiohttp."),
    ("aiohttp.client_exceptions.", "aiohttp."),
    ("fastapi.websockets.", "starlette."),
    ("fastapi.", "starlette."),
    ("starlette.websockets.", "starlette."),
    ("starlette.concurrency.", "starlette."),
    ("websocket._app.", "websocket."),
    ("websocket._core.", "websocket."),
    ("websocket._exceptions.", "websocket."),
    ("autobahn.asyncio.websocket.", "autobahn."),
    ("autobahn.twisted.websocket.", "autobahn."),
    ("longwire.errors.", "longwire."),
    ("asyncio.tasks.", "asyncio."),
    ("asyncio.queues.", "asyncio."),
    ("asyncio.exceptions.", "asyncio."),
    ("concurrent.futures.thread.", "concurrent.futures."),
)
"""Modules whose names can be had from another module, too; longer ones first."""


@lru_cache(maxsize=4_096)
def canonical(name: str) -> str:
    """The name that the tables use."""
    for prefix, instead in _SAME:
        if name.startswith(prefix):
            return instead + name.removeprefix(prefix)
    return name


def dotted(expression: ast.expr) -> tuple[str, ...]:
    """``a.b.c`` in its parts; empty, if it is anything else than names with dots between."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return ()
    parts.append(expression.id)
    return tuple(reversed(parts))


def names_in(expressions: Iterable[ast.AST]) -> set[tuple[str, ...]]:
    """All names with dots between in expressions, in their parts; not ``self`` alone."""
    return {
        dotted(one)
        for expression in expressions
        for one in ast.walk(expression)
        if isinstance(one, ast.Name | ast.Attribute)
    } - {(), ("self",)}
