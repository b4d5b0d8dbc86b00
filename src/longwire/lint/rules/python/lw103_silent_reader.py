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
callback, a close of the connection, a `finally` that calls something. So does a program that asks
the task whether it is done, or waits for it right where it was started.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.endings import ends_silently
from longwire.lint.python.guards import catcher_of_end
from longwire.lint.python.names import dotted, names_in
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function

_ASKS: Final = frozenset({"done", "exception", "result", "add_done_callback", "is_alive"})


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    for function in file.graph.spawned():
        if _is_asked(file, function):
            continue
        seen: set[ast.AST] = set()
        for place, kind in file.receives_of(function):
            guard = catcher_of_end(place, kind, file.meanings)
            if guard is not None and guard.node not in seen and ends_silently(file, place, guard):
                seen.add(guard.node)
                yield file.report(
                    guard.node,
                    f"{function.name!r} runs on its own and ends here with the connection, and "
                    "nobody is told: who started it goes on as if messages still came",
                    help="let the error leave the function, and await the task where it is started "
                    "(asyncio.TaskGroup does)",
                    confidence=Confidence.MEDIUM,
                )


def _is_asked(file: PythonFile, function: Function) -> bool:
    """Whether somebody asks if its task is done, or waits for it where it was started."""
    for start in file.graph.started_by(function):
        kept = _kept_as(start)
        for call in file.module.calls.values():
            func = call.node.func
            if isinstance(func, ast.Attribute) and func.attr in _ASKS:
                if kept and dotted(func.value)[-1:] == kept:
                    return True
            elif (
                call.function is start.function
                and Role.GATHER in file.meanings.known(call).role
                and kept in {one[-1:] for one in names_in(call.node.args)}
            ):
                return True
    return False


def _kept_as(start: Call) -> tuple[str, ...]:
    """The last name of what a new task is put into."""
    match start.statement:
        case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
            return dotted(target)[-1:]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=kept, attr="append" | "add"))):
            return dotted(kept)[-1:]
    return ()


RULE = Rule(
    id="LW103",
    name="silent-reader",
    severity=Severity.WARNING,
    prevents=("unsupervised-reader-task", "swallowed-exception"),
    check=check,
)
