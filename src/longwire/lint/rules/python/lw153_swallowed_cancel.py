"""A loop catches its own cancellation, and goes on.

## What it does
Looks for a handler inside a `while` loop of a coroutine that catches `asyncio.CancelledError` (by
its name, as `BaseException`, or by a bare `except`) around an `await`, and leads back to the next
turn.

## Why reception stops
The task cannot be ended: `task.cancel()` has no effect, whoever awaits it then waits for ever, and
so do a shutdown, a task group and a reconnect that ends the old reader first. `asyncio.timeout`
around it never strikes.

## Example
```python
while True:
    try:
        handle(await ws.recv())
    except (asyncio.TimeoutError, asyncio.CancelledError):
        continue
```

## Use instead
```python
while True:
    try:
        handle(await ws.recv())
    except TimeoutError:
        continue
```
`except Exception` does not catch a cancellation, and needs no handler before it.

## Limits
A handler that leaves the loop on some of its ways is not reported; neither is one around the await
of a task that the same function has cancelled.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.guards import guards
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.python.sides import cancels
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard
    from longwire.lint.python.records import Call, Loop

_NAMED: Final = frozenset(
    {"asyncio.CancelledError", "concurrent.futures.CancelledError", "CancelledError"}
)
_LASTS: Final = Role.RECEIVE | Role.TAKE | Role.PAUSE | Role.CONNECT
_CATCH: Final = _NAMED | {"BaseException", "*"}


def check(file: PythonFile) -> Iterator[Report]:
    seen: set[ast.AST] = set()
    for call in file.module.calls.values():
        found = _caught(file, call) if call.awaited else None
        if found is None or found[0].node in seen or found[1].node in seen:
            continue
        loop, guard = found
        seen.add(guard.node)
        if _goes_on(file, call, loop, guard):
            seen.add(loop.node)
            named = bool(guard.names & _NAMED)
            yield file.report(
                guard.node,
                f"a cancellation is caught here, and the loop of line {loop.node.lineno} goes on: "
                "nobody can end this task, and a shutdown or a reconnect that waits for its end "
                "waits for ever",
                help="leave CancelledError out, it passes through except Exception; or raise it "
                "anew",
                confidence=_confidence(file, call, guard, sure=named and loop.forever),
            )


def _caught(file: PythonFile, call: Call) -> tuple[Loop, Guard] | None:
    """What catches a cancellation of an await, and the innermost loop around that."""
    for loop in reversed(call.place.loops):
        if isinstance(loop.node, ast.While):
            for guard in guards(call.place, file.meanings, loop):
                if guard.names & _CATCH:
                    return loop, guard
    return None


def _confidence(file: PythonFile, call: Call, guard: Guard, *, sure: bool) -> Confidence:
    """It is certain where the task spends its time in what is guarded, and not just a moment."""
    first, last = guard.statement.lineno, guard.statement.end_lineno or 0
    lasts = any(
        first <= one.node.lineno <= last and file.meanings.known(one).role & _LASTS
        for one in call.function.calls
    )
    if not lasts:
        return Confidence.LOW
    return Confidence.HIGH if sure else Confidence.MEDIUM


def _goes_on(file: PythonFile, call: Call, loop: Loop, guard: Guard) -> bool:
    if any(cancels(one) and loop in one.place.loops for one in call.function.calls):
        return False  # what is caught is the end of a task that was cancelled here
    if file.meanings.name(call.node.func, call.function) == "asyncio.shield":
        return False  # it is waited for whatever happens
    ways = file.paths.turns(loop, guard.statement, guard.body)
    if not ways or not all(way.end in (End.FALLS, End.CONTINUES) for way in ways):
        return False
    if not loop.forever and _is_set(loop, guard):
        return False
    # Around a receive, and without a pause, it is the end of the connection that matters (LW101).
    hides_end = Role.RECEIVE in file.meanings.known(call).role and not guard.names & _NAMED
    return not hides_end or any(way.awaits or Role.PAUSE in way.does for way in ways)


def _is_set(loop: Loop, guard: Guard) -> bool:
    """Whether the handler sets something that the loop's condition asks."""
    asked = {
        one.attr if isinstance(one, ast.Attribute) else one.id
        for one in ast.walk(loop.node.test)  # type: ignore[union-attr]
        if isinstance(one, (ast.Attribute, ast.Name))
    }
    return any(
        isinstance(one, (ast.Attribute, ast.Name))
        and isinstance(one.ctx, ast.Store)
        and (one.attr if isinstance(one, ast.Attribute) else one.id) in asked
        for statement in guard.body
        for one in ast.walk(statement)
    )


RULE = Rule(
    id="LW153",
    name="swallowed-cancel",
    severity=Severity.WARNING,
    prevents=("slow-close-delays-reconnect", "connection-leak"),
    check=check,
)
