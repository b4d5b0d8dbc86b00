"""A heartbeat that ends with its first error, and tells nobody.

## What it does
Looks for a loop that sends and sleeps, in a task or a thread of its own, which a broad handler ends
without a word; worst of all, one that waits for pongs, and tells nobody that none came.

## Why reception stops
Whatever goes wrong once, a message that cannot be encoded for one, ends all further heartbeats. The
connection stays open until the server misses them and drops it, or until a watchdog has nothing to
go by any more.

## Example
```python
async def heartbeat(self):
    while True:
        try:
            await self.ws.send(json.dumps({"op": "ping", "id": self.next_id()}))
        except Exception:
            break
        await asyncio.sleep(20)
```

## Use instead
```python
async def heartbeat(self):
    while True:
        await self.ws.send(json.dumps({"op": "ping", "id": self.next_id()}))
        await asyncio.sleep(20)

async with asyncio.TaskGroup() as group:  # the first to fail ends the others, and says why
    group.create_task(self.heartbeat())
    group.create_task(self.reader())
```

## Limits
A handler for the end of the connection only is fine: the reader meets that end, too. A message that
is ready cannot fail in another way, so that is reported at low confidence.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.endings import ends_silently
from longwire.lint.python.errors import EVERYTHING
from longwire.lint.python.guards import guards
from longwire.lint.python.liveness import pings_by_itself
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard
    from longwire.lint.python.records import Call, Function


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    for function in file.graph.spawned():
        for call in _beats(file, function):
            guard = _broad(file, call)
            if guard is not None and ends_silently(file, call.place, guard):
                yield _report(file, call, guard)
                break


def _report(file: PythonFile, call: Call, guard: Guard) -> Report:
    name = call.function.name
    if _waits_for_pongs(file, call):
        return file.report(
            guard.node,
            f"a pong that does not come ends {name!r} here, and nothing else: nobody ends the "
            "connection, and its receive waits for ever",
            help="close the connection here, or let the error leave a task that somebody awaits",
            confidence=Confidence.MEDIUM,
        )
    return file.report(
        guard.node,
        f"any error ends the heartbeats of {name!r} for good, and nobody is told: the server "
        "drops the connection when it misses them",
        help="catch only what may happen, and let the rest leave the task that somebody awaits",
        confidence=_confidence(file, call, guard),
    )


def _waits_for_pongs(file: PythonFile, call: Call) -> bool:
    """Whether it looks for the answers to its pings, in place of a library that sends none."""
    return (
        Role.PING in file.meanings.known(call).role
        and any(Role.LIMIT in file.meanings.known(one).role for one in call.function.calls)
        and not pings_by_itself(file.meanings)
    )


def _beats(file: PythonFile, function: Function) -> Iterator[Call]:
    """The sends of a loop that sends and sleeps, and does not receive."""
    for loop in function.loops:
        does = file.does_in(loop)
        if not does & Role.PAUSE or does & Role.RECEIVE:
            continue
        for call in function.calls:
            known = file.meanings.known(call)
            if call.loop is loop and known.role & (Role.SEND | Role.PING):
                yield call


def _confidence(file: PythonFile, call: Call, guard: Guard) -> Confidence:
    """Low, where somebody may read of it, or where nothing but the end can go wrong."""
    logged = all(way.does & Role.LOG for way in file.paths.through(guard.body))
    made = any(not _is_plain(file, call, one) for one in call.node.args)
    return Confidence.MEDIUM if made and not logged else Confidence.LOW


def _is_plain(file: PythonFile, call: Call, argument: ast.expr) -> bool:
    """Whether nothing is called to make a message, but `json.dumps` of something written there."""
    return all(
        file.meanings.name(one.func, call.function) == "json.dumps"
        for one in ast.walk(argument)
        if isinstance(one, ast.Call)
    )


def _broad(file: PythonFile, call: Call) -> Guard | None:
    """The handler of everything that an error of a send comes to, unless another one is first."""
    for guard in guards(call.place, file.meanings):
        if guard.names & EVERYTHING:
            return guard
    return None


RULE = Rule(
    id="LW135",
    name="heartbeat-ends-silently",
    severity=Severity.WARNING,
    prevents=("broken-watchdog", "unsupervised-reader-task"),
    check=check,
)
