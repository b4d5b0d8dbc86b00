"""A reconnect loop whose connect is not in its try.

## What it does
Looks for a loop that catches the end of a connection to connect again, where the connect itself is
in front of the `try`.

## Why reception stops
The first reconnect happens while the server restarts or the network is gone, so it fails. That
error is not caught inside the loop: it leaves it, and there is no further attempt.

## Example
```python
while True:
    ws = await websockets.connect(url)
    try:
        while True:
            handle(await ws.recv())
    except websockets.ConnectionClosed:
        await asyncio.sleep(1)
```

## Use instead
```python
while True:
    try:
        async with websockets.connect(url) as ws:
            while True:
                handle(await ws.recv())
    except (OSError, websockets.WebSocketException):
        await asyncio.sleep(1)
```

## Limits
Where the function is called in a loop that catches errors, that one is taken to begin anew. A
helper that connects and catches its errors itself is fine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.guards import catcher_of_end, guards
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Loop


def check(file: PythonFile) -> Iterator[Report]:
    for loop in file.reconnect_loops():
        if not _begins_anew(file, loop):
            continue
        for call in file.calls(Role.CONNECT):
            if (
                loop in call.place.loops
                and not any(guards(call.place, file.meanings, within=loop))
                and not _is_tried_again(file, call)
            ):
                yield file.report(
                    call.node,
                    "the end of the connection leads back to here, but a connect that fails leaves "
                    f"the loop of line {loop.node.lineno}: a server that is down once ends it for "
                    "ever",
                    help="connect inside the try, and catch OSError and what the library raises "
                    "for a refused opening",
                    confidence=Confidence.HIGH if loop.forever else Confidence.MEDIUM,
                )


def _begins_anew(file: PythonFile, loop: Loop) -> bool:
    """Whether something inside catches the end of a connection, and goes on with the loop."""
    for place, kind in file.receives_in(loop):
        guard = catcher_of_end(place, kind, file.meanings, within=loop)
        if guard is not None and any(
            way.end in (End.FALLS, End.CONTINUES) for way in file.paths.through(guard.body)
        ):
            return True
    return False


def _is_tried_again(file: PythonFile, call: Call) -> bool:
    """Whether the function is called where an error leads to another call."""
    return any(
        any(guards(caller.place, file.meanings)) or caller.loop is not None
        for caller in file.graph.callers(call.function)
    ) or any(guards(call.place, file.meanings))


RULE = Rule(
    id="LW108",
    name="connect-outside-try",
    severity=Severity.ERROR,
    prevents=("reconnect-gives-up",),
    check=check,
)
