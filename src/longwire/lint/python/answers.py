"""What a client waits for in front of its receive loop: the answer to a log-in."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.python.liveness import is_limited, limits_receives
from longwire.lint.python.openers import is_client
from longwire.lint.python.roles import Role
from longwire.lint.python.sides import receive_loops

if TYPE_CHECKING:
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Loop


def is_first_answer(call: Call, file: PythonFile) -> bool:
    """Whether a receive waits for one message in front of a client's receive loop.

    Not where its whole connection, or each call of its function, is limited in time; and not with
    websocket-client, whose timeout is that of the socket, for openings and answers alike.
    """
    kind = file.meanings.connection(call)
    if kind in (None, "websocket-client") or not is_client(file, call.function, kind):
        return False
    if any(not _connects_in(loop, file) for loop in call.place.loops):
        return False
    callers = file.graph.callers(call.function)
    return (
        _leads_to_receive_loop(call, file)
        and not any(limits_receives(one, file.meanings) for one in file.calls(Role.CONNECT))
        and not any(is_limited(one, file.meanings) for one in callers)
    )


def _connects_in(loop: Loop, file: PythonFile) -> bool:
    return bool(file.does_in(loop) & Role.CONNECT) or loop in file.connect_loops()


def _leads_to_receive_loop(call: Call, file: PythonFile) -> bool:
    """Whether a receive loop stands behind it, or is called there; or is in another method.

    In that case only where its function, or one that calls it, connects.
    """
    here = call.function
    behind = [one for one in here.calls if one.node.lineno > call.node.lineno]
    called = [file.meanings.called(one) for one in behind]
    if any(loop.node.lineno > call.node.lineno for loop in receive_loops(here, file)) or any(
        one is not None and receive_loops(one, file) for one in called
    ):
        return True
    if here.owner is None or _ends_with(call, file):
        return False
    openers = [here, *(one.function for one in file.graph.callers(here))]
    return any(Role.CONNECT in file.meanings.does(one) for one in openers) and any(
        receive_loops(one, file)
        for one in file.module.functions
        if one.owner is here.owner and one is not here
    )


def _ends_with(call: Call, file: PythonFile) -> bool:
    """Whether the connection is closed where the function ends: it is for this one answer."""
    return any(
        isinstance(item.context_expr, ast.Call)
        and Role.CONNECT in file.meanings.known(file.module.calls[item.context_expr]).role
        for block in call.place.withs
        for item in block.node.items
    )
