"""Who has opened a connection: this module, or somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.python import sockets
from longwire.lint.python.names import dotted, names_in
from longwire.lint.python.roles import Role
from longwire.lint.python.sockets import ASYNC_CONNECTIONS

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function

_USES: Final = Role.SEND | Role.RECEIVE | Role.PING | Role.CLOSE

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


def kept_connections(function: Function, file: PythonFile, deep: int) -> Iterator[str]:
    """The connections that a coroutine uses and that outlive it, as they are written."""
    for call in function.calls:
        parts = dotted(call.node.func)
        if file.meanings.connection(call) in ASYNC_CONNECTIONS:
            is_kept = parts[:1] == ("self",) or parts[:1] in names_in(_goes_over_kept(call))
            if is_kept and file.meanings.known(call).role & _USES:
                yield ".".join(parts)
            continue
        called = file.meanings.called(call)
        if called is not None and deep:
            yield from kept_connections(called, file, deep - 1)


def _goes_over_kept(call: Call) -> list[ast.expr]:
    """What takes one by one, for a call, that which outlives its function."""
    own = {(one.arg,) for one in call.function.parameters}
    own |= {(name,) for name in call.function.bindings}
    return [
        target
        for target, iterated in call.gone_over
        if not {one[:1] for one in names_in([iterated])} & own
    ]
