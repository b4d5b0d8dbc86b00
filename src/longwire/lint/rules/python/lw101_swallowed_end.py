"""The end of the connection is caught inside the receive loop, and the loop goes on.

## What it does
Looks for a receive in a loop, inside a `try` whose handler catches the end of the connection (a
bare `except`, `Exception`, the library's own error, or `contextlib.suppress`) and leads back to
the receive: no way out of the loop, no pause, no new connection.

## Why reception stops
After its end, a connection answers every receive at once with the same error. The loop spins: one
core is busy, nothing arrives any more, and no error is seen. In a coroutine it is worse: the
receive does not suspend, so no other task of that event loop runs again, no heartbeat, no
reconnect, no shutdown.

## Example
```python
async with websockets.connect(url) as ws:
    while True:
        try:
            handle(await ws.recv())
        except Exception:
            log.exception("bad message")
```

## Use instead
```python
async with websockets.connect(url) as ws:
    while True:
        message = await ws.recv()  # raises at the end, and the loop is left
        try:
            handle(message)
        except ValueError:
            log.exception("bad message")
```
Better still, a client that reconnects by itself: `async for message in longwire.connect(url)`.

## Limits
A handler that leaves the loop on some of its ways, or pauses, is taken to know what it does. A loop
whose condition asks the connection (`while not ws.closed`) is taken to end. An `async for` over the
connection inside a `while True` is the same without any `try`: it is found, too.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.conditions import may_end
from longwire.lint.python.endings import fails_itself
from longwire.lint.python.errors import EVERYTHING
from longwire.lint.python.guards import Guard, catcher_of_end, guards
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.paths import Way
    from longwire.lint.python.records import Call, Loop, Place

_SUSPENDS = Role.PAUSE | Role.YIELD | Role.CONNECT | Role.EXIT
_ONCE = frozenset({"starlette.WebSocketDisconnect", "WebSocketDisconnect"})


def check(file: PythonFile) -> Iterator[Report]:
    seen: set[ast.AST] = set()
    for call in file.receives():
        loop = call.loop
        if loop is None or not isinstance(loop.node, ast.While):
            continue
        kind = file.meanings.connection(call)
        guard = _catcher(file, call.place, kind, loop)
        if guard is None or guard.node in seen or may_end(file, loop, guard.body):
            continue
        seen.add(guard.node)
        ways = file.paths.turns(loop, guard.statement, guard.body)
        if ways and all(_spins(way) for way in ways) and not fails_itself(file, loop, guard, kind):
            yield _report(file, call, loop, guard)
    yield from _iterated_again(file)


def _catcher(file: PythonFile, place: Place, kind: str | None, loop: Loop) -> Guard | None:
    """What catches the error of a receive behind the end, again and again."""
    guard = catcher_of_end(place, kind, file.meanings, within=loop)
    if guard is None or not guard.names <= _ONCE:
        return guard
    # Starlette tells the end once; what receives then gets a RuntimeError.
    return next(
        (
            one
            for one in guards(place, file.meanings, within=loop)
            if one.names & (EVERYTHING | {"RuntimeError"})
        ),
        None,
    )


def _iterated_again(file: PythonFile) -> Iterator[Report]:
    """Loops over a connection that has ended, inside a loop that never does."""
    for function in file.module.functions:
        for inner in function.loops:
            loop = inner.place.loop
            kind = file.meanings.received_over(inner)
            if kind is None or loop is None or not loop.forever:
                continue
            if file.does_in(loop) & Role.CONNECT or isinstance(inner.node, ast.For):
                continue
            ways = file.paths.turns(loop, inner.node, ())
            if ways and all(_spins(way) for way in ways):
                yield file.report(
                    inner.node,
                    f"when the connection has ended, this loop is over at once, and the one of "
                    f"line {loop.node.lineno} begins it again and again: no other task of this "
                    "event loop runs again",
                    help="one loop is enough: it ends when the connection does; connect anew then",
                    confidence=Confidence.MEDIUM if kind == "websocket?" else Confidence.HIGH,
                )


def _spins(way: Way) -> bool:
    return way.end in (End.FALLS, End.CONTINUES) and not way.awaits and not way.does & _SUSPENDS


def _report(file: PythonFile, call: Call, loop: Loop, guard: Guard) -> Report:
    sure = file.meanings.connection(call) != "websocket?" and loop.forever
    stops = (
        "and no other task of this event loop runs again"
        if call.function.is_async
        else "and keeps one core busy"
    )
    return file.report(
        guard.node,
        f"the end of the connection is caught here, and the loop of line {loop.node.lineno} goes "
        f"on: every receive then fails at once, {stops}",
        help="catch only what a message can do wrong, around its handling; let the end of the "
        "connection leave the loop, and connect anew",
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
    )


RULE = Rule(
    id="LW101",
    name="swallowed-end",
    severity=Severity.ERROR,
    prevents=("swallowed-exception", "busy-poll-loop"),
    check=check,
)
