"""The payload of the ping handed on to ``pong``, where it is at hand and known to be one.

Where it is known: the second parameter of what websocket-client calls as ``on_ping``; a parameter
that is called ``payload``, or annotated as bytes or text, in the handler itself; ``message.data``
behind ``message.type == WSMsgType.PING`` of aiohttp. Left to a person: everything else, as a
parameter called ``data`` may be a parsed message.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.fixes.fix import Edit, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code
    from longwire.lint.python.records import Call, Function

_PAYLOADS: Final = frozenset({"payload", "ping_payload"})
_TEXTS: Final = frozenset({"bytes", "str", "bytes | str", "str | bytes"})
_SENT: Final = "payload|message|msg|data|body"


def edits(code: Code, finding: Finding) -> Sequence[Edit] | None:
    """What to change for a finding; None, if it is not safe."""
    call, record = code.call_at(finding), code.record(finding)
    if call is None or record is None:
        return None
    payload = _payload(code, record)
    if payload is None:
        return None
    if not call.args:
        return (code.in_brackets(call, payload),)
    if len(call.args) == 1 and call.args[0].keyword is None and not call.args[0].star:
        return (code.replaced(call.args[0], payload),)
    return None


def _payload(code: Code, record: Call) -> str | None:
    if code.file.meanings.connection(record) == "aiohttp":
        return _of_message(record)
    for name in _candidates(code, record.function):
        if not _is_rebound(name, record.function):
            return name
    return None


def _of_message(record: Call) -> str | None:
    """``message.data``, where the branch that the call is in asks ``message.type``."""
    for branch in reversed(record.place.branches):
        match branch.node:
            case ast.If(
                test=ast.Compare(
                    left=ast.Attribute(value=ast.Name(id=name), attr="type"),
                    ops=[ast.Eq() | ast.Is()],
                    comparators=[ast.Attribute(attr="PING")],
                )
            ) if branch.taken:
                return None if _is_stored(name, branch.node.body) else f"{name}.data"
    return None


def _candidates(code: Code, function: Function) -> Iterator[str]:
    """Parameters that are the payload, the surest first."""
    parameters = function.parameters
    if len(parameters) == 2 and _is_callback(code, function):
        yield parameters[1].arg
    for one in parameters:
        if one.arg in _PAYLOADS and one.annotation is None:
            yield one.arg
        if (
            one.annotation is not None
            and ast.unparse(one.annotation) in _TEXTS
            and one.arg in _SENT.split("|")
        ):
            yield one.arg


def _is_callback(code: Code, function: Function) -> bool:
    """Whether websocket-client calls it for each ping."""
    meanings = code.file.meanings
    return any(
        option.arg == "on_ping" and meanings.function(option.value, call.function) is function
        for call in code.file.module.calls.values()
        if meanings.name(call.node.func, call.function) == "websocket.WebSocketApp"
        for option in call.node.keywords
    )


def _is_rebound(name: str, function: Function) -> bool:
    """Whether a parameter gets another value inside its function."""
    return _is_stored(name, function.body)


def _is_stored(name: str, body: Sequence[ast.stmt]) -> bool:
    return any(
        isinstance(one, ast.Name) and one.id == name and not isinstance(one.ctx, ast.Load)
        for statement in body
        for one in ast.walk(statement)
    )


FIX = Fix("LW137", "Hand the payload of the ping on", edits)
