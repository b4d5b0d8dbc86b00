"""Which errors tell the end of a connection."""

from __future__ import annotations

import ast

import pytest

from longwire.lint.python.collect import collect
from longwire.lint.python.errors import catch_end, catch_refusal, error_names
from longwire.lint.python.meanings import Meanings


@pytest.mark.parametrize(
    ("clause", "names"),
    [
        ("except:", {"*"}),
        ("except ValueError:", {"ValueError"}),
        ("except (OSError, w.exceptions.ConnectionClosed) as e:",
         {"OSError", "websockets.ConnectionClosed"}),
        ("except Gone:", {"websockets.ConnectionClosedError"}),
        ("except errors[0]:", set()),
    ],
)  # fmt: skip
def test_names_in_an_except_clause(clause: str, names: set[str]) -> None:
    """Full ones, where they are imported."""
    source = (
        "import websockets as w\nfrom websockets.exceptions import ConnectionClosedError as Gone\n"
        f"try: ...\n{clause} ..."
    )
    module = collect(ast.parse(source))
    (handler,) = module.main.tries[0].node.handlers
    assert error_names(handler.type, module.main, Meanings(module)) == names


@pytest.mark.parametrize(
    ("name", "kind", "catches"),
    [
        ("*", "websockets", True),
        ("Exception", "aiohttp", True),
        ("websockets.ConnectionClosed", "websockets", True),
        ("websockets.ConnectionClosed", "websockets.sync", True),
        ("websockets.ConnectionClosedOK", "websockets", False),
        ("OSError", "websockets", False),
        ("OSError", "websocket-client", True),
        ("starlette.WebSocketDisconnect", "starlette", True),
        ("websockets.ConnectionClosed", "websocket?", True),
        ("OSError", "websocket?", False),
        ("ConnectionClosed", "websockets", True),
        ("ValueError", "websockets", False),
    ],
)
def test_what_catches_the_end(name: str, kind: str, *, catches: bool) -> None:
    """Each library has its own errors for it."""
    assert catch_end({name}, kind) is catches


@pytest.mark.parametrize(
    ("name", "catches"),
    [
        ("OSError", True),
        ("ConnectionRefusedError", True),
        ("websockets.InvalidHandshake", True),
        ("websockets.ConnectionClosed", True),
        ("Exception", True),
        ("json.JSONDecodeError", False),
        ("asyncio.CancelledError", False),
    ],
)
def test_what_catches_a_refusal(name: str, *, catches: bool) -> None:
    """Of a connect: the network's errors, and those of an opening."""
    assert catch_refusal({name}, "websockets") is catches
