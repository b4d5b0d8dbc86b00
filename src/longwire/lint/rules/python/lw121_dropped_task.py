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
Or keep the task, and await it or ask its `exception()` in a done callback.

## Limits
A task that is kept but never looked at is not reported. One that does one thing and is gone, such
as to close, or that catches all its errors, is of low confidence.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.python.sides import catches_all, is_lasting
from longwire.lint.python.tasks import goes_nowhere
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function
    from longwire.lint.python.tasks import Started


_ENDS: Final = re.compile(r"close|disconnect|dispose|shut_?down|clean_?up|^_?stop", re.IGNORECASE)


def check(file: PythonFile) -> Iterator[Report]:
    seen: set[tuple[Function, Function]] = set()
    for call in file.module.calls.values():
        if not (_is_dropped(file, call) or _threadsafe(file, call)):
            continue
        started = file.tasks.of(call)
        pairs = {(call.function, one.function) for one in started if one.function is not None}
        if not pairs or not pairs <= seen:
            yield _report(file, call, started)
        seen |= pairs


def _is_dropped(file: PythonFile, call: Call) -> bool:
    return (
        Role.SPAWN in file.meanings.known(call).role
        and not call.awaited
        and not _in_group(file, call)
        # What this starts, the event loop itself looks after.
        and dotted(call.node.func)[-1:] != ("run_coroutine_threadsafe",)
        and (call.discarded or goes_nowhere(call))
    )


def _in_group(file: PythonFile, call: Call) -> bool:
    func = call.node.func
    return isinstance(func, ast.Attribute) and (
        file.meanings.kind(func.value, call.function) == "asyncio.group"
    )


def _threadsafe(file: PythonFile, call: Call) -> bool:
    """``loop.call_soon_threadsafe(asyncio.create_task, ...)``."""
    match call.node:
        case ast.Call(
            func=ast.Attribute(attr="call_soon_threadsafe" | "call_soon"), args=[started, _, *_]
        ):
            name = file.meanings.name(started, call.function)
            return name in ("asyncio.create_task", "asyncio.ensure_future")
    return False


def _report(file: PythonFile, call: Call, started: list[Started]) -> Report:
    functions = [one.function for one in started if one.function is not None]
    lasts = any(is_lasting(one, file) for one in functions)
    what = repr(functions[0].name) if functions else "this coroutine"
    reads = any(Role.RECEIVE in file.meanings.does(one) for one in functions)
    ends = "reception ends, and nobody is told" if reads else "nobody is told"
    return file.report(
        call.node,
        f"nobody keeps the task that runs {what} here: when it fails, {ends}; and a task that "
        "nothing else refers to may vanish before it is done",
        help="start it in an asyncio.TaskGroup; or keep it, and await it or ask its exception in a "
        "done callback",
        confidence=_confidence(file, started, lasts=lasts),
    )


def _confidence(file: PythonFile, started: list[Started], *, lasts: bool) -> Confidence:
    functions = [one.function for one in started if one.function is not None]
    caught = any(catches_all(one, file) for one in functions)
    if file.is_test:
        return Confidence.LOW
    if lasts:
        return Confidence.MEDIUM if caught else Confidence.HIGH
    slight = any(_is_slight(file, one.coroutine) for one in started)
    return Confidence.LOW if caught or slight else Confidence.MEDIUM


def _is_slight(file: PythonFile, coroutine: Call) -> bool:
    """``ws.close()``, ``asyncio.sleep()``, what ends something: they do one thing and are gone."""
    name = (dotted(coroutine.node.func) or ("",))[-1]
    return bool(file.meanings.known(coroutine).role) or _ENDS.search(name) is not None


RULE = Rule(
    id="LW121",
    name="dropped-task",
    severity=Severity.WARNING,
    prevents=("unsupervised-reader-task", "task-garbage-collected"),
    check=check,
)
