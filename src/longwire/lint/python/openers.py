"""Who has opened a connection: this module, or somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.python import sockets
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function

SERVED: Final = frozenset(
    {"starlette", "quart", "sanic", "simple_websocket", "tornado.handler", "websocket?"}
)
"""Connections that somebody else has opened, or may have."""
_BY_A_SERVER: Final = frozenset(sockets.CONNECTIONS)
"""What a server gives to a handler; the callbacks of websocket-client get an app."""


def is_client(file: PythonFile, function: Function, kind: str | None) -> bool:
    """Whether a connection that a function receives from is one that this module has opened.

    Args:
        file: The file.
        function: That receives.
        kind: Of the connection; None, where it is not known.
    """
    first = file.meanings.handed.first
    if kind in SERVED or any(first.get(one) in _BY_A_SERVER for one in function.outward()):
        return False
    return any(
        kind is None or file.meanings.known(call).gives in (kind, None)
        for call in file.calls(Role.CONNECT)
    )


def is_open(call: Call, file: PythonFile) -> bool:
    """Whether its function has opened a connection before a call is made."""
    return any(
        Role.CONNECT in file.meanings.role(one) and one.node.lineno < call.node.lineno
        for one in call.function.calls
    )
