"""Which errors a handler catches, and by which errors libraries tell the end of a connection."""

from __future__ import annotations

import ast
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.lint.python.names import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Function

EVERYTHING: Final = frozenset({"Exception", "BaseException", "*"})
"""``"*"`` is a handler that names nothing."""
_OS: Final = frozenset({"OSError", "IOError", "ConnectionError", "ConnectionResetError"})

ENDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "websockets": frozenset(
            f"websockets.{name}"
            for name in ("ConnectionClosed", "ConnectionClosedError", "WebSocketException")
        ),
        "picows.websockets": frozenset(
            f"picows.websockets.{name}"
            for name in ("ConnectionClosed", "ConnectionClosedError", "WebSocketException")
        ),
        "aiohttp": frozenset({"aiohttp.ClientError", "aiohttp.WSMessageTypeError", "TypeError"}),
        "starlette": frozenset({"starlette.WebSocketDisconnect"}),
        "tornado.client": frozenset({"tornado.websocket.WebSocketClosedError"}),
        "websocket-client": _OS
        | {"websocket.WebSocketException", "websocket.WebSocketConnectionClosedException"},
        "longwire": frozenset(
            {"longwire.LongwireError", "longwire.ClientClosed", "longwire.GaveUp"}
        ),
        "trio_websocket": frozenset({"trio_websocket.ConnectionClosed"}),
        "httpx_ws": frozenset(
            {
                "httpx_ws.HTTPXWSException",
                "httpx_ws.WebSocketDisconnect",
                "httpx_ws.WebSocketNetworkError",
            }
        ),
        "sanic": frozenset({"sanic.exceptions.WebsocketClosed", "websockets.ConnectionClosed"}),
        "simple_websocket": frozenset({"simple_websocket.ConnectionClosed"}),
    }
)
"""The errors by which each library tells that a connection has ended, in whatever order."""
_LIKE: Final = MappingProxyType({"websockets.sync": "websockets", "longwire.sync": "longwire"})
_REFUSALS: Final = _OS | {
    "ConnectionRefusedError",
    "aiohttp.ClientConnectionError",
    "aiohttp.ClientConnectorError",
    "aiohttp.WSServerHandshakeError",
    "websockets.InvalidHandshake",
    "websockets.InvalidStatus",
    "websockets.InvalidStatusCode",
    "longwire.ConnectError",
}
_ENDED: Final = re.compile(r"closed|disconnect", re.IGNORECASE)
_ANY_END: Final = frozenset().union(*ENDS.values()) - {"TypeError"} - _OS
CLEAN_ENDS: Final = frozenset(
    {"websockets.ConnectionClosedOK", "picows.websockets.ConnectionClosedOK", "ConnectionClosedOK"}
)
UNCLEAN_ENDS: Final = frozenset(
    {"websockets.ConnectionClosedError", "picows.websockets.ConnectionClosedError"}
)
"""Errors for an end in good order, and for any other one."""
CATCH_CLEAN_ENDS: Final = (
    EVERYTHING
    | CLEAN_ENDS
    | {
        f"{package}.{name}"
        for package in ("websockets", "picows.websockets")
        for name in ("ConnectionClosed", "WebSocketException")
    }
)
TELL_ENDS_APART: Final = frozenset({"websockets", "websockets.sync", "picows.websockets"})
"""Connections that have an error of its own for an end in good order."""
CATCH_CANCEL: Final = frozenset({"asyncio.CancelledError", "CancelledError", "BaseException", "*"})
"""Errors whose handlers catch a cancellation."""


def error_names(
    expression: ast.expr | None, function: Function, meanings: Meanings
) -> frozenset[str]:
    """The full names of the errors that an except clause names."""
    if expression is None:
        return frozenset({"*"})
    if isinstance(expression, ast.Tuple):
        return frozenset().union(*(error_names(one, function, meanings) for one in expression.elts))
    full = meanings.name(expression, function)
    if full is not None:
        return frozenset({full})
    parts = dotted(expression)
    return frozenset({parts[-1]}) if parts else frozenset()


def catch_refusal(names: Iterable[str], kind: str | None) -> bool:
    """Whether a handler for these errors catches that a connect has failed.

    Args:
        names: Full names of errors.
        kind: Of the connection that it would have given.
    """
    names = frozenset(names)
    return bool(names & _REFUSALS) or catch_end(names, kind)


def catch_end(names: Iterable[str], kind: str | None) -> bool:
    """Whether a handler for these errors catches the end of a connection.

    Args:
        names: Full names of errors.
        kind: Of the connection; None or ``"websocket?"``, where it is not known.
    """
    ends = ENDS.get(_LIKE.get(kind or "", kind or ""), _ANY_END)
    # An error that this module has imported from a place of its own, by its last name.
    short = {one.rpartition(".")[2] for one in ends}
    return any(
        name in EVERYTHING
        or name in ends
        or name in short
        # An error that is kept under a name: ``except self._closed``.
        or ("." not in name and _ENDED.search(name) is not None)
        for name in names
    )
