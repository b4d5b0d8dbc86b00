"""A loop over aiohttp's `receive()` that does not look for the end.

## What it does
Looks for `await ws.receive()` in an endless loop which only asks for the types of messages it
wants, such as `WSMsgType.TEXT`, and goes on with everything else.

## Why reception stops
aiohttp's `receive()` does not raise at the end of the connection: it gives a message of type
CLOSED, at once, again and again. The loop spins: nothing arrives, and as the receive does not
suspend, no other task of the event loop runs again. A server's side raises RuntimeError after a
few of them; a client's side never does.

## Example
```python
while True:
    message = await ws.receive()
    if message.type == aiohttp.WSMsgType.TEXT:
        handle(message.data)
```

## Use instead
```python
async for message in ws:  # ends with the connection
    if message.type == aiohttp.WSMsgType.TEXT:
        handle(message.data)
log.warning("closed: %s %s", ws.close_code, ws.exception())
```

## Limits
Asking the connection (`ws.closed`), and giving the whole message to a function, count as looking
for the end.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.endtypes import at_the_end
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Loop

_ASKS: Final = frozenset({"closed", "close_code", "exception"})
"""What the connection is asked for."""


def check(file: PythonFile) -> Iterator[Report]:
    for call in file.receives():
        loop = call.loop
        if (
            loop is None
            or not loop.forever
            or file.meanings.connection(call) != "aiohttp"
            or not (isinstance(call.node.func, ast.Attribute) and call.node.func.attr == "receive")
        ):
            continue
        message = _message(call)
        if message is None or _looks_for_end(file, loop, message):
            continue
        decided = at_the_end(loop, message)
        ways = file.paths.decided(loop, decided) if decided else ()
        if any(way.end in (End.FALLS, End.CONTINUES) for way in ways):
            yield _report(file, call)


def _message(call: Call) -> str | None:
    """The name that the received message gets."""
    match call.statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return None


def _looks_for_end(file: PythonFile, loop: Loop, message: str) -> bool:
    """Whether the end is asked for in a way that is not followed here."""
    for statement in loop.node.body:
        for one in ast.walk(statement):
            if isinstance(one, ast.Attribute) and one.attr in _ASKS:
                return True
            if isinstance(one, ast.Call) and _is_given(file, one, message):
                return True
    return False


def _is_given(file: PythonFile, node: ast.Call, message: str) -> bool:
    call = file.module.calls.get(node)
    if call is None or file.meanings.known(call).role & (Role.LOG | Role.QUIET_LOG):
        return False
    return any(isinstance(one, ast.Name) and one.id == message for one in node.args)


def _report(file: PythonFile, call: Call) -> Report:
    return file.report(
        call.node,
        "after the end of the connection this gives a message of type CLOSED, at once, again and "
        "again, and nothing here leaves the loop: it spins, and no other task of this event loop "
        "runs again",
        help="async for message in ws, which ends with the connection; or leave the loop for "
        "CLOSE, CLOSING, CLOSED and ERROR",
        confidence=Confidence.HIGH,
    )


RULE = Rule(
    id="LW158",
    name="end-not-handled",
    severity=Severity.WARNING,
    prevents=("silent-end-of-iteration", "busy-poll-loop"),
    check=check,
)
