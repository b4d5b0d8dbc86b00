"""A reader in a task or a thread that ends with a line in the log.

## What it does
Looks for a function that is started as a task or a thread, receives, and catches the end of the
connection by leaving: it prints or logs, then returns or breaks, and tells nobody.

## Why reception stops
The task is done, in good order as it seems. Who started it goes on: it sends, it waits for messages
that nobody receives any more. The line in the log is the only trace.

## Example
```python
async def reader(self):
    while True:
        try:
            self.queue.put_nowait(await self.ws.recv())
        except websockets.ConnectionClosed:
            print("closed")
            break

self.task = asyncio.create_task(self.reader())
```

## Use instead
```python
async def reader(self):
    while True:  # the end raises, and the group ends the others
        self.queue.put_nowait(await self.ws.recv())

async with asyncio.TaskGroup() as group:
    group.create_task(self.reader())
    group.create_task(self.writer())
```

## Limits
Anything that others can see counts as telling: an attribute that is set, an event, a queue, a
callback, a close of the connection, a `finally` that calls something.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.guards import catcher_of_end
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard
    from longwire.lint.python.records import Call, Function, Place

_ENDS: Final = (End.BREAKS, End.RETURNS, End.FALLS)


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    for function in file.graph.spawned():
        seen: set[ast.AST] = set()
        for place, kind in _receives(file, function):
            guard = catcher_of_end(place, kind, file.meanings)
            if guard is not None and guard.node not in seen and _ends_silently(file, place, guard):
                seen.add(guard.node)
                yield file.report(
                    guard.node,
                    f"{function.name!r} runs on its own and ends here with the connection, and "
                    "nobody is told: who started it goes on as if messages still came",
                    help="let the error leave the function, and await the task where it is started "
                    "(asyncio.TaskGroup does)",
                    confidence=Confidence.MEDIUM,
                )


def _receives(file: PythonFile, function: Function) -> Iterator[tuple[Place, str | None]]:
    for call in function.calls:
        if Role.RECEIVE in file.meanings.known(call).role:
            yield call.place, file.meanings.connection(call)
    for loop in function.loops:
        kind = file.meanings.received_over(loop)
        if kind is not None:
            yield loop.place, kind


def _ends_silently(file: PythonFile, place: Place, guard: Guard) -> bool:
    if not _leaves(file, place, guard):
        return False
    # All that is done from here to the end of the function, or of the module's other code in it.
    rest = [*guard.body, *_behind(place.function.body, guard.statement)]
    return not any(_tells(file, call_or_store) for call_or_store in rest)


def _leaves(file: PythonFile, place: Place, guard: Guard) -> bool:
    """Whether each way through the handler ends the function."""
    ways = file.paths.through(guard.body)
    inside = [loop for loop in place.loops if _contains(loop.node, guard.statement)]
    if not inside:
        return all(way.end in _ENDS for way in ways) and not place.function.name.startswith("test")
    return len(inside) == 1 and all(way.end in (End.BREAKS, End.RETURNS) for way in ways)


def _contains(outer: ast.AST, inner: ast.AST) -> bool:
    return any(one is inner for one in ast.walk(outer))


def _behind(body: Sequence[ast.stmt], statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements that follow, in the blocks around, and every finally."""
    for place, one in enumerate(body):
        if one is statement or _contains(one, statement):
            yield from body[place + 1 :]
            if isinstance(one, ast.Try | ast.TryStar):
                yield from one.finalbody
            for name in ("body", "orelse", "finalbody"):
                yield from _behind(getattr(one, name, []), statement)


def _tells(file: PythonFile, statement: ast.stmt) -> bool:
    """Whether it does anything beside writing a line."""
    for one in ast.walk(statement):
        if isinstance(one, ast.Attribute | ast.Subscript) and isinstance(one.ctx, ast.Store):
            return True
        if isinstance(one, ast.Raise | ast.Global | ast.Nonlocal | ast.Delete):
            return True
        if isinstance(one, ast.Return) and one.value is not None:
            return True
        call = file.module.calls.get(one) if isinstance(one, ast.Call) else None
        if call is not None and _is_done(file, call):
            return True
    return False


def _is_done(file: PythonFile, call: Call) -> bool:
    """Whether a call does more than to make a line of text, or to write it."""
    makes_text = isinstance(call.parent, ast.Call | ast.FormattedValue)
    return not makes_text and not file.meanings.known(call).role & (Role.LOG | Role.QUIET_LOG)


RULE = Rule(
    id="LW103",
    name="silent-reader",
    severity=Severity.WARNING,
    prevents=("unsupervised-reader-task", "swallowed-exception"),
    check=check,
)
