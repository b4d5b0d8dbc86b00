"""Two tasks receive from the same connection.

## What it does
Looks for two coroutines that are started side by side, as tasks or in a gather, and both receive
from the same attribute or variable; and for requests that receive their answer themselves from a
connection that a task reads all the time.

## Why reception stops
`websockets` raises `ConcurrencyError` in the second, aiohttp `RuntimeError`: that task dies, and
with it what it was there for. Other libraries give each message to one of both, as it happens, and
the other waits for an answer that has gone elsewhere.

## Example
```python
await asyncio.gather(self.read_prices(), self.read_orders())  # both: await self.ws.recv()
```

## Use instead
One task receives, and hands on:
```python
async for message in self.ws:
    await self.queues[channel_of(message)].put(message)
```

## Limits
Receives under a common lock are not reported, nor is a reader that has ended before the other
begins, as far as it is seen. Two tasks may receive from one longwire client.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.python.sides import is_locked, receive_loops, received_by
from longwire.lint.python.tasks import side_by_side
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function
    from longwire.lint.python.tasks import Started

_STARTS: Final = re.compile(
    r"connect|login|auth|shake|open|start|hello|init|identif|setup|enter|subscribe", re.IGNORECASE
)


def check(file: PythonFile) -> Iterator[Report]:
    readers = [
        one
        for one in file.tasks.started
        if one.function is not None
        and Role.RECEIVE in file.meanings.does(one.function)
        and not _is_shareable(file, one.function)
    ]
    seen: set[tuple[Function, frozenset[Function]]] = set()
    for first, second in combinations(readers, 2):
        one, other = first.function, second.function
        if one is None or other is None or one is other or not side_by_side(first, second):
            continue
        pair = second.by.function, frozenset((one, other))
        shared = received_by(first, file) & received_by(second, file)
        if shared and pair not in seen:
            seen.add(pair)
            name = min(shared)[0]
            yield file.report(
                second.coroutine.node,
                f"{one.name!r} and {other.name!r} both receive from {name!r}, in two tasks: the "
                "second receive fails, or takes messages that are meant for the first",
                help="receive in one task only, and hand the messages on, by a queue for each "
                "receiver",
                confidence=Confidence.HIGH,
            )
    calls: set[Call] = set()
    for reader in readers:
        if Role.SPAWN in file.meanings.known(reader.by).role:
            yield from _beside_reader(file, reader, calls)


def _beside_reader(file: PythonFile, reader: Started, seen: set[Call]) -> Iterator[Report]:
    """Requests of the same object that receive their answers themselves, while a task reads."""
    task = reader.function
    if task is None or task.owner is None or not receive_loops(task, file):
        return
    read = {one for one in received_by(reader, file) if one[0].startswith("self.")}
    for function in task.owner.functions.values():
        if (
            function in (task, reader.by.function)
            or file.graph.callers(function)
            or _STARTS.search(function.name)
        ):
            continue  # what is called before the reader begins
        for call in function.calls:
            written = ".".join(dotted(call.node.func)[:-1])
            if (
                (written, function.owner) in read
                and Role.RECEIVE in file.meanings.known(call).role
                and Role.SEND in file.meanings.does(function)
                and call not in seen
                and not is_locked(call, file)
            ):
                seen.add(call)
                yield file.report(
                    call.node,
                    f"the task that runs {task.name!r} receives from {written!r} all the time: "
                    "this receive beside it fails, or gets what is not meant for it",
                    help="let the reader hand the answer over, by a future for each request",
                    confidence=Confidence.MEDIUM,
                )


def _is_shareable(file: PythonFile, function: Function) -> bool:
    """Whether what it receives from may be received from by several tasks."""
    return any(
        (file.meanings.connection(one) or "").startswith("longwire") for one in function.calls
    )


RULE = Rule(
    id="LW139",
    name="concurrent-receive",
    severity=Severity.WARNING,
    prevents=("concurrent-recv",),
    check=check,
)
