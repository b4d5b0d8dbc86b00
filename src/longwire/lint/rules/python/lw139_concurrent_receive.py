"""Two tasks receive from the same connection.

## What it does
Looks for two coroutines that are started side by side, as tasks or in a gather, and both receive
from the same attribute or variable; and for one that is started several times.

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

import ast
from itertools import combinations
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.python.sides import receive_calls
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function
    from longwire.lint.python.tasks import Started


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
        if one is None or other is None or one is other or not _side_by_side(first, second):
            continue
        pair = second.by.function, frozenset((one, other))
        shared = _connections(file, first) & _connections(file, second)
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


def _is_shareable(file: PythonFile, function: Function) -> bool:
    """Whether what it receives from may be received from by several tasks."""
    return any(
        (file.meanings.connection(one) or "").startswith("longwire") for one in function.calls
    )


def _side_by_side(first: Started, second: Started) -> bool:
    """Whether both are started one after the other, with nothing between that may end the first."""
    one, other = first.by, second.by
    if one is other:
        return True
    if one.function is not other.function or one.place.loops != other.place.loops:
        return False
    return _branches(one) == _branches(other) and one.place.tries == other.place.tries


def _branches(call: Call) -> list[tuple[int, bool]]:
    """The conditions that it depends on."""
    found = []
    for statement in call.function.body:
        for one in ast.walk(statement):
            if isinstance(one, (ast.If, ast.Match, ast.IfExp)) and (
                one.lineno <= call.node.lineno <= (one.end_lineno or 0)
            ):
                otherwise = getattr(one, "orelse", [])
                start = otherwise[0].lineno if isinstance(otherwise, list) and otherwise else 0
                found.append((one.lineno, bool(start) and call.node.lineno >= start))
    return found


def _connections(file: PythonFile, started: Started) -> set[tuple[str, object]]:
    """What it receives from: attributes of its object, and what it is given by the caller."""
    function = started.function
    if function is None:
        return set()
    found: set[tuple[str, object]] = set()
    for written, holder in receive_calls(function, file):
        parts = written.split(".")
        if parts[0] == "self" and holder.owner is not None:
            found.add((written, holder.owner))
        elif holder is function and len(parts) == 1:
            given = _given(started, written)
            if given:
                found.add((given, started.by.function))
            elif written not in function.bindings:  # of the function around it
                found.add((written, None))
    return found


def _given(started: Started, name: str) -> str:
    """What the caller calls the value of a parameter."""
    function = started.function
    names = [one.arg for one in function.parameters] if function is not None else []
    if name in names:
        place = names.index(name)
        arguments = started.coroutine.node.args
        if place < len(arguments):
            return ".".join(dotted(arguments[place]))
    return ""


RULE = Rule(
    id="LW139",
    name="concurrent-receive",
    severity=Severity.WARNING,
    prevents=("concurrent-recv",),
    check=check,
)
