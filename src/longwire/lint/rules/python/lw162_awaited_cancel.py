"""A task is cancelled and awaited, and its cancellation ends the loop around it.

## What it does
Looks for `task.cancel()` and then a bare `await task` in a loop that connects or receives anew,
also in a function of the same file that such a loop calls.

## Why reception stops
Awaiting a cancelled task raises `CancelledError` in the one that awaits. `except Exception` does
not catch it: the reconnect loop itself ends, without a word, as if it had been cancelled. It never
connects again.

## Example
```python
while True:
    heartbeat = asyncio.create_task(beat(ws))
    try:
        await read(ws)
    except Exception:
        log.exception("connecting anew")
    finally:
        heartbeat.cancel()
        await heartbeat
```

## Use instead
```python
    finally:
        heartbeat.cancel()
        await asyncio.wait([heartbeat])
```

## Limits
A task whose coroutine catches its own cancellation is passed over.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.errors import CATCH_CANCEL, error_names
from longwire.lint.python.guards import guards
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function


def check(file: PythonFile) -> Iterator[Report]:
    for call in file.module.calls.values():
        match call.node:
            case ast.Call(func=ast.Attribute(attr="cancel", value=task), args=[]):
                pass
            case _:
                continue
        if not call.function.is_async or not dotted(task):
            continue
        awaited = _awaited(file, call, task)
        if awaited is None or file.tasks.outlives_cancel(task, call.function):
            continue
        sure = _reconnects(file, call)
        if sure is not None:
            name = ".".join(dotted(task))
            yield file.report(
                awaited,
                f"awaiting {name!r}, which has just been cancelled, raises CancelledError here: it "
                "passes every except Exception, and ends the loop that would connect anew, without "
                "a word",
                help=f"await asyncio.wait([{name}]), which raises only if the waiting itself is "
                "cancelled",
                confidence=sure,
            )


def _awaited(file: PythonFile, cancel: Call, task: ast.expr) -> ast.Await | None:
    """The bare await of the same task behind its cancellation."""
    function = cancel.function
    for statement in function.body:
        for one in ast.walk(statement):
            if (
                isinstance(one, ast.Await)
                and dotted(one.value) == dotted(task)
                and cancel.node.lineno <= one.lineno <= cancel.node.lineno + 4
                and not _guarded(file, function, one)
                and not _only_if_it_fails(cancel, one)
            ):
                return one
    return None


def _only_if_it_fails(cancel: Call, awaited: ast.Await) -> bool:
    """Whether it is in a handler of the try around the cancellation, which raises nothing."""
    return any(
        handler.lineno <= awaited.lineno <= (handler.end_lineno or 0)
        for one in cancel.place.tries
        if one.part == "body"
        for handler in one.block.node.handlers
    )


def _guarded(file: PythonFile, function: Function, awaited: ast.Await) -> bool:
    """Whether its CancelledError is caught where it is awaited."""
    for block in function.tries:
        body = block.node.body
        if any(one.lineno < awaited.lineno <= (one.end_lineno or 0) for one in block.node.handlers):
            return True
        if body[0].lineno <= awaited.lineno <= (body[-1].end_lineno or 0) and any(
            error_names(one.type, function, file.meanings) & CATCH_CANCEL
            and not isinstance(one.body[-1], ast.Return | ast.Raise | ast.Break)
            for one in block.node.handlers
        ):
            return True
    return any(
        block.node.lineno <= awaited.lineno <= (block.node.end_lineno or 0)
        and any("suppress" in ast.dump(item.context_expr) for item in block.node.items)
        for block in function.withs
    )


def _reconnects(file: PythonFile, call: Call) -> Confidence | None:
    """Whether a loop around it would go on."""
    if any(isinstance(loop.node, (ast.While, ast.AsyncFor)) for loop in call.place.loops):
        sure = Role.CONNECT | Role.RECEIVE
        if file.meanings.does(call.function) & sure:
            return Confidence.HIGH
        return None
    for caller in file.graph.callers(call.function):
        loops = [one for one in caller.place.loops if isinstance(one.node, ast.While)]
        caught = any(True for _ in guards(caller.place, file.meanings))
        if loops and caught and Role.CONNECT in file.meanings.does(caller.function):
            return Confidence.MEDIUM
    return None


RULE = Rule(
    id="LW162",
    name="awaited-cancel",
    severity=Severity.ERROR,
    prevents=("reconnect-gives-up",),
    check=check,
)
