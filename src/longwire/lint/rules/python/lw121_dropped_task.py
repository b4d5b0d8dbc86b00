"""A task is started, and nobody keeps it.

## What it does
Looks for `asyncio.create_task`, `ensure_future`, `loop.create_task` and `asyncio.Task` whose result
is thrown away, or given to a name that is never read.

## Why reception stops
When the task fails, nobody is told: the reader is gone, the program goes on as if nothing had
happened, and a line about an exception that was never retrieved appears when the task is collected,
often never. The event loop itself keeps only a weak reference, so that a task can vanish in the
midst of its work.

## Example
```python
async def start(self):
    self.ws = await websockets.connect(self.url)
    asyncio.create_task(self.read())
```

## Use instead
```python
async with asyncio.TaskGroup() as tasks:
    tasks.create_task(self.read())  # the first to fail ends the others, and is heard
```
Or keep the task, and look at it: `self.reader = asyncio.create_task(...)`, and later
`await self.reader`, or `add_done_callback` with a function that asks `task.exception()`.

## Limits
A task that is kept but never looked at is not reported. Tasks of a task group are looked after by
the group.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.errors import EVERYTHING, error_names
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function


def check(file: PythonFile) -> Iterator[Report]:
    for call in file.calls(Role.SPAWN):
        if _kind(file, call) == "asyncio.group" or not _is_starter(call) or call.awaited:
            continue
        if call.discarded or _to_nowhere(call):
            yield _report(file, call)
    for call in file.module.calls.values():
        if _threadsafe(file, call):
            yield _report(file, call)


def _kind(file: PythonFile, call: Call) -> str | None:
    func = call.node.func
    return (
        file.meanings.kind(func.value, call.function) if isinstance(func, ast.Attribute) else None
    )


def _is_starter(call: Call) -> bool:
    # What run_coroutine_threadsafe starts, the event loop itself looks after.
    return dotted(call.node.func)[-1:] != ("run_coroutine_threadsafe",)


def _to_nowhere(call: Call) -> bool:
    """Whether it goes to a name that is never read."""
    match call.parent:
        case ast.Assign(targets=[ast.Name(id="_")]):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) if call.function.outer is not None:
            return not any(
                isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Load)
                for statement in call.function.body
                for one in ast.walk(statement)
            ) and not any(
                isinstance(one, (ast.Global, ast.Nonlocal)) and name in one.names
                for one in call.function.body
            )
    return False


def _threadsafe(file: PythonFile, call: Call) -> bool:
    """``loop.call_soon_threadsafe(asyncio.create_task, ...)``."""
    match call.node:
        case ast.Call(
            func=ast.Attribute(attr="call_soon_threadsafe" | "call_soon"), args=[started, _, *_]
        ):
            name = file.meanings.name(started, call.function)
            return name in ("asyncio.create_task", "asyncio.ensure_future")
    return False


def _report(file: PythonFile, call: Call) -> Report:
    started = file.tasks.of(call)
    functions = [one.function for one in started if one.function is not None]
    reads = any(_lasts(file, one) for one in functions)
    what = repr(functions[0].name) if functions else "this coroutine"
    ends = "reception ends, and nobody is told" if reads else "nobody is told"
    confidence = Confidence.HIGH if reads else Confidence.MEDIUM
    if any(_catches_all(file, one) for one in functions):
        confidence = Confidence.MEDIUM if reads else Confidence.LOW
    if file.is_test or any(file.meanings.known(one.coroutine).role for one in started):
        confidence = Confidence.LOW  # ws.close(), asyncio.sleep(): they do one thing and are gone
    return file.report(
        call.node,
        f"nobody keeps the task that runs {what} here: when it fails, {ends}; and a task that "
        "nothing else refers to may vanish before it is done",
        help="start it in an asyncio.TaskGroup; or keep it, and await it or ask its exception in a "
        "done callback",
        confidence=confidence,
    )


def _lasts(file: PythonFile, function: Function) -> bool:
    """Whether it is one of those that are to run as long as the connection, or to renew it."""
    return bool(file.meanings.does(function) & (Role.RECEIVE | Role.CONNECT)) or any(
        loop.forever or file.messages.receives_in(loop) for loop in function.loops
    )


def _catches_all(file: PythonFile, function: Function) -> bool:
    """Whether its whole work is in a try that catches every error."""
    return any(
        block.node in function.body
        and not block.place.loops
        and any(
            error_names(one.type, function, file.meanings) & EVERYTHING
            for one in block.node.handlers
        )
        for block in function.tries
    )


RULE = Rule(
    id="LW121",
    name="dropped-task",
    severity=Severity.WARNING,
    prevents=("unsupervised-reader-task", "task-garbage-collected"),
    check=check,
)
