"""A handler of a server that only sends, and never receives.

## What it does
Looks for a handler that sends to its client in an endless loop whenever something has come (out of
a queue, for instance), and in which nothing receives, nor waits for the end of the connection.

## Why reception stops
A handler sees that its client has left by receiving. One that waits for something to send stays
until there is something: with each client that has left, a task and what it is subscribed to are
kept. And nobody reads what the client sends: when it has filled the buffer, the library stops
reading, and no pong and no close are seen any more.

## Example
```python
@app.websocket("/prices")
async def prices(ws: WebSocket):
    await ws.accept()
    queue = subscribe()
    while True:
        await ws.send_json(await queue.get())
```

## Use instead
```python
@app.websocket("/prices")
async def prices(ws: WebSocket):
    await ws.accept()
    sender = asyncio.create_task(send_prices(ws, subscribe()))
    try:
        async for _ in ws.iter_text():  # until the client has left
            pass
    finally:
        sender.cancel()
```

## Limits
A handler that hands its connection over to something else, or asks for its state, is not reported.
One that sends at regular times meets the end with its next message: that is of low confidence.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function, Loop

_SERVED: Final = frozenset({"starlette", "quart", "sanic", "aiohttp", "websockets"})
_ASKS: Final = frozenset(
    {"wait_closed", "client_state", "application_state", "closed", "state", "is_disconnected"}
)
"""What tells a handler that its client has left."""


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    for function in file.module.functions:
        if not _is_handler(file, function):
            continue
        sends = [call for call in file.calls(Role.SEND) if call.function is function]
        endless = next((call for call in sends if _endless(call) is not None), None)
        if endless is None or _looks_at_client(file, function):
            continue
        yield file.report(
            endless.node,
            f"{function.name!r} only sends here and never receives: when the client has left, it "
            "stays until there is something to send, and what the client sends is never read",
            help="send in a task of its own, and receive in the handler: its end is the end of "
            "the client",
            confidence=Confidence.MEDIUM if _waits(file, _endless(endless)) else Confidence.LOW,
        )


def _is_handler(file: PythonFile, function: Function) -> bool:
    if function in file.graph.spawned() or file.graph.callers(function):
        return False
    return _is_decorated_route(function) or file.meanings.handed.first.get(function) in _SERVED


def _is_decorated_route(function: Function) -> bool:
    node = function.node
    return isinstance(node, ast.AsyncFunctionDef) and any(
        isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and one.func.attr in ("websocket", "websocket_route")
        for one in node.decorator_list
    )


def _endless(call: Call) -> Loop | None:
    """The loop around a send that does not end by itself: also one over what comes from others."""
    return next(
        (loop for loop in call.place.loops if loop.forever or isinstance(loop.node, ast.AsyncFor)),
        None,
    )


def _waits(file: PythonFile, loop: Loop | None) -> bool:
    """Whether a loop waits for anything but the time."""
    if loop is None or isinstance(loop.node, ast.AsyncFor):
        return loop is not None
    calls = list(loop.calls)
    roles = [(call, file.meanings.role(call)) for call in calls]
    if any(Role.TAKE in role for _, role in roles):
        return True
    sleeps = any(Role.PAUSE in role for _, role in roles)
    return not sleeps and any(call.awaited and not role for call, role in roles)


def _looks_at_client(file: PythonFile, function: Function) -> bool:
    """Whether anything in a handler sees the end of the client, or may."""
    does = file.meanings.does(function)
    if does & (Role.RECEIVE | Role.SPAWN | Role.GATHER | Role.THREAD):
        return True
    if any(
        isinstance(one, ast.Attribute) and one.attr in _ASKS
        for statement in function.body
        for one in ast.walk(statement)
    ):
        return True
    return any(_hands_over(file, call) for call in function.calls)


def _hands_over(file: PythonFile, call: Call) -> bool:
    """Whether a function that is not known gets the connection."""
    if file.meanings.known(call).role & (Role.LOG | Role.QUIET_LOG):
        return False
    return any(
        isinstance(one, ast.Name) and file.meanings.kind(one, call.function) in _SERVED
        for one in call.node.args
    )


RULE = Rule(
    id="LW157",
    name="only-sends",
    severity=Severity.INFO,
    prevents=("no-concurrent-reader",),
    check=check,
)
