"""A pong without what the ping has brought.

## What it does
Looks for a pong with a constant payload, or with none, in a function or a branch that handles
pings.

## Why reception stops
A pong has to carry the payload of the ping that it answers (RFC 6455, 5.5.3). A server that
compares them takes the client for dead, and drops it after its timeout.

## Example
```python
def on_ping(app, payload):
    app.sock.pong("")
```

## Use instead
```python
def on_ping(app, payload):
    app.sock.pong(payload)
```
Most libraries answer by themselves: then write nothing at all.

## Limits
A pong that nobody has asked for, in a function that knows of no ping, is a heartbeat of its own.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call

_PONGS: Final = frozenset({"pong", "send_pong", "sendPong"})
_PING: Final = re.compile(r"ping", re.IGNORECASE)
_PAYLOAD: Final = re.compile(r"payload|message|msg|data|frame|body", re.IGNORECASE)


def check(file: PythonFile) -> Iterator[Report]:
    for call in file.module.calls.values():
        func = call.node.func
        if (
            isinstance(func, ast.Attribute)
            and func.attr in _PONGS
            and _is_empty(call)
            and _answers_a_ping(call)
        ):
            sure = Role.PONG in file.meanings.known(call).role
            yield file.report(
                call.node,
                "this pong does not carry the payload of the ping that it answers: a server that "
                "compares them drops the connection",
                help="hand the payload of the ping on, or leave the answer to the library",
                confidence=_confidence(file, sure=sure),
            )


def _confidence(file: PythonFile, *, sure: bool) -> Confidence:
    if file.is_test:
        return Confidence.LOW
    return Confidence.HIGH if sure else Confidence.MEDIUM


def _is_empty(call: Call) -> bool:
    given = [*call.node.args, *(one.value for one in call.node.keywords)]
    return all(isinstance(one, ast.Constant) for one in given)


def _answers_a_ping(call: Call) -> bool:
    """Whether it is done because of a ping: in its handler, or behind a condition that names it."""
    function = call.function
    handles = _PING.search(function.name) and any(
        _PAYLOAD.search(one.arg) for one in function.parameters
    )
    return bool(handles) or any(
        branch.taken and isinstance(branch.node, ast.If) and _names_ping(branch.node.test)
        for branch in call.place.branches
    )


def _names_ping(test: ast.expr) -> bool:
    """Whether a condition asks for the library's kind of message, not for a name of its own."""
    return any(
        isinstance(one, ast.Attribute)
        and one.attr == "PING"
        and dotted(one.value)[-1:] in (("WSMsgType",), ("MsgType",), ("Opcode",), ("OpCode",))
        for one in ast.walk(test)
    )


RULE = Rule(
    id="LW137",
    name="pong-without-payload",
    severity=Severity.ERROR,
    prevents=("heartbeat-dialect-mismatch", "broken-watchdog"),
    check=check,
)
