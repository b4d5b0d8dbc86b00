"""Nobody can see that a connection was lost.

## What it does
Looks for clients that catch the end of a connection and connect anew, or leave, with at most a line
on the level debug.

## Why reception stops
It is not what stops it, but what keeps everybody from knowing. A feed that breaks every few minutes
looks the same as a healthy one; what is missing is found when it is too late to ask why. The close
code and its reason, which say why, are thrown away.

## Example
```python
while True:
    try:
        await session(url)
    except websockets.ConnectionClosed as end:
        log.debug("closed: %s", end)
        await asyncio.sleep(1)
```

## Use instead
```python
while True:
    try:
        await session(url)
    except websockets.ConnectionClosed as end:
        log.warning("closed: %s", end)
        reconnects.inc()
        await asyncio.sleep(1)
```

## Limits
Anything beside it counts as seeing: something that is set, called, raised, or written on a higher
level anywhere behind it in the same loop. Servers, whose clients come and go, are not reported.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.endings import ends_silently
from longwire.lint.python.guards import catcher_of_end
from longwire.lint.python.openers import is_client
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard
    from longwire.lint.python.records import Loop

_QUIET: Final = Role.QUIET_LOG | Role.PAUSE | Role.BLOCK
"""What may be done on a way on which nobody is told."""


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    # A handler may stand in two of the loops, or behind two receives.
    found = {one.node: one for one in (*_on_the_way_back(file), *_at_the_end_of_readers(file))}
    for guard in found.values():
        yield file.report(
            guard.node,
            "a lost connection leaves no trace here"
            + (" above debug" if _writes(file, guard, Role.QUIET_LOG) else "")
            + ": a feed that breaks every few minutes looks like a healthy one, and why it "
            "broke is lost",
            help="log it as a warning, with the error, and count it",
            confidence=Confidence.MEDIUM,
        )


def _on_the_way_back(file: PythonFile) -> Iterator[Guard]:
    """What catches the end in a loop that connects again."""
    for loop in file.reconnect_loops():
        for place, kind in file.receives_in(loop):
            guard = catcher_of_end(place, kind, file.meanings, within=loop)
            if (
                guard is not None
                and is_client(file, loop.place.function, kind)
                and _unseen(file, loop, guard)
            ):
                yield guard


def _at_the_end_of_readers(file: PythonFile) -> Iterator[Guard]:
    """What catches the end in a coroutine that is gathered with others, and then is over."""
    for started in file.tasks.started:
        function = started.function
        if function is None or Role.GATHER not in file.meanings.known(started.by).role:
            continue
        if function in file.graph.spawned():
            continue  # of a task that ends in silence another rule tells
        for place, kind in file.receives_of(function):
            guard = catcher_of_end(place, kind, file.meanings)
            if (
                guard is not None
                and is_client(file, function, kind)
                and ends_silently(file, place, guard)
                and not _writes(file, guard, Role.LOG)
            ):
                yield guard


def _unseen(file: PythonFile, loop: Loop, guard: Guard) -> bool:
    """Whether nothing but pauses and debug lines is on any way from a handler to the next turn."""
    if any(_does_more(file, statement) for statement in guard.body):
        return False
    ways = file.paths.turns(loop, guard.statement, guard.body)
    back = [way for way in ways if way.end in (End.FALLS, End.CONTINUES)]
    after = [way.does & ~_QUIET & (Role.LOG | Role.TELL | Role.PUT) for way in back]
    return bool(back) and not any(after)


def _writes(file: PythonFile, guard: Guard, role: Role) -> bool:
    return any(role in way.does for way in file.paths.through(guard.body))


def _does_more(file: PythonFile, statement: ast.stmt) -> bool:
    """Whether a statement stores something, or calls anything that nothing is known of."""
    for one in ast.walk(statement):
        if isinstance(one, ast.Attribute | ast.Subscript) and isinstance(one.ctx, ast.Store):
            return True
        if isinstance(one, ast.Raise | ast.AugAssign | ast.Yield):
            return True
        call = file.module.calls.get(one) if isinstance(one, ast.Call) else None
        if call is not None and not file.meanings.known(call).role & _QUIET:
            return True
    return False


RULE = Rule(
    id="LW161",
    name="unseen-loss",
    severity=Severity.WARNING,
    prevents=("close-reason-lost",),
    check=check,
)
