"""A subscription that lives as long as its first connection.

## What it does
Looks for a connect, followed by a receive loop without end, where nothing in the module leads from
the end of the connection to another connect.

## Why reception stops
No connection lives for ever: servers restart, proxies cut what is idle or old, networks change. The
first of these is the end of the feed.

## Example
```python
async def main():
    async with websockets.connect(url) as ws:
        await ws.send(SUBSCRIBE)
        async for message in ws:
            handle(message)
```

## Use instead
```python
async def main():
    async with longwire.connect(url, subscribe=[SUBSCRIBE]) as client:
        async for message in client:
            handle(message)
```

## Limits
A program that runs once needs no reconnect, and a supervisor may restart the whole process: for
information only, at low confidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Function


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    for call in file.calls(Role.CONNECT):
        kind = file.meanings.known(call).gives
        if (
            kind is not None
            and not kind.startswith("longwire")  # reconnects by itself
            and call.loop is None
            and _receives_for_ever(file, call.function)
            and not _is_repeated(file, call.function)
        ):
            yield file.report(
                call.node,
                "this is the only connect: the first end of the connection, a restart of the "
                "server for one, is the end of reception",
                help="a loop around it with a pause, or longwire.connect, which reconnects",
                confidence=Confidence.LOW,
            )


def _receives_for_ever(file: PythonFile, function: Function) -> bool:
    """Whether it sends something and then receives in a loop, as who subscribes does."""
    loops = any(
        file.meanings.received_over(loop) or (loop.forever and any(file.receives_in(loop)))
        for loop in function.loops
    )
    return loops and Role.SEND in file.meanings.does(function)


def _is_repeated(file: PythonFile, function: Function) -> bool:
    """Whether anything calls it in a loop, or from a handler, or hands it over to something."""
    seen: set[Function] = set()
    waiting: list[Function] = [function]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        for call in file.graph.callers(one):
            if call.loop is not None or any(part.part == "handler" for part in call.place.tries):
                return True
            waiting.append(call.function)
    return False


RULE = Rule(
    id="LW104",
    name="no-reconnect",
    severity=Severity.INFO,
    prevents=("reconnect-gives-up",),
    check=check,
)
