"""Functions that reconnect by calling each other.

## What it does
Looks for a function that connects, and is called again, directly or by way of others, from the
receiving that it has begun; and for `run_forever` in a callback of the same library.

## Why reception stops
Every reconnect stays inside the one before: the stack grows until it is full, `finally` blocks of
all former connections wait, and two of them may live at once. After some hundred reconnects the
program ends with a RecursionError, long after anybody thinks of it.

## Example
```python
async def connect(self):
    self.ws = await websockets.connect(self.url)
    await self.receive()

async def receive(self):
    try:
        async for message in self.ws:
            self.handle(message)
    except websockets.ConnectionClosed:
        pass
    await asyncio.sleep(1)
    await self.connect()
```

## Use instead
```python
async def run(self):
    while True:
        try:
            async with websockets.connect(self.url) as ws:
                async for message in ws:
                    self.handle(message)
        except (OSError, websockets.WebSocketException):
            log.warning("lost", exc_info=True)
        await asyncio.sleep(1)
```

## Limits
A task of its own for each attempt (`asyncio.create_task(self.connect())`) does not grow the stack
and is not reported.
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
    from longwire.lint.python.records import Call, Function


def check(file: PythonFile) -> Iterator[Report]:
    for function in file.module.functions:
        if not any(Role.CONNECT in file.meanings.known(call).role for call in function.calls):
            continue
        back = _way_back(file, function)
        if back is not None and Role.RECEIVE in file.meanings.does(function):
            yield file.report(
                back.node,
                f"{function.name!r} connects, and is called again from inside itself: each "
                "reconnect grows the stack, until it is full",
                help="a loop that connects, receives until the end, pauses, and goes round",
                confidence=Confidence.HIGH if back.function is not function else Confidence.MEDIUM,
            )


def _way_back(file: PythonFile, start: Function) -> Call | None:
    """The call that leads from something that a function calls back to itself."""
    seen: set[Function] = set()
    waiting = [start]
    while waiting:
        one = waiting.pop()
        for call in one.calls:
            called = file.meanings.called(call)
            if called is start:
                return call
            if called is not None and called not in seen:
                seen.add(called)
                waiting.append(called)
    return None


RULE = Rule(
    id="LW106",
    name="reconnect-by-recursion",
    severity=Severity.WARNING,
    prevents=("reconnect-gives-up", "overlapping-sessions"),
    check=check,
)
