"""Functions that reconnect by calling each other.

## What it does
Looks for a function that connects, and is called again, directly or by way of others, from the
receiving that it has begun; and for `run_forever` in a callback of the same library.

## Why reception stops
Every reconnect stays inside the one before: the stack grows until it is full, `finally` blocks of
all former connections wait, and two of them may live at once. After some hundred reconnects the
program ends with a RecursionError, long after anybody thinks of it.

## Example
```python
async def connect(self):
    self.ws = await websockets.connect(self.url)
    await self.receive()

async def receive(self):
    try:
        async for message in self.ws:
            self.handle(message)
    except websockets.ConnectionClosed:
        pass
    await asyncio.sleep(1)
    await self.connect()
```

## Use instead
```python
async def run(self):
    while True:
        try:
            async with websockets.connect(self.url) as ws:
                async for message in ws:
                    self.handle(message)
        except (OSError, websockets.WebSocketException):
            log.warning("lost", exc_info=True)
        await asyncio.sleep(1)
```

## Limits
A task of its own for each attempt (`asyncio.create_task(self.connect())`) does not grow the stack
and is not reported. One that counts its attempts, and never counts anew, is reported at low
confidence: it ends, in whatever way, before the stack is full.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.callgraph import Cycle
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function

_RUNS: Final = Role.CONNECT | Role.RECEIVE
_COUNTS: Final = re.compile(r"attempt|retr(y|ies)|tries|count|reconnects|failures", re.IGNORECASE)
_COMPARES: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq)


def check(file: PythonFile) -> Iterator[Report]:
    for function in file.module.functions:
        if Role.CONNECT not in file.meanings.does(function):
            continue
        cycle = file.graph.cycle(function)
        confidence = None if cycle is None else _confidence(file, function, cycle)
        if cycle is not None and confidence is not None:
            yield file.report(
                cycle.back.node,
                f"{function.name!r} connects, and is called again from inside itself: each "
                "reconnect grows the stack, until it is full",
                help="a loop that connects, receives until the end, pauses, and goes round",
                confidence=confidence,
            )


def _confidence(file: PythonFile, function: Function, cycle: Cycle) -> Confidence | None:
    again = cycle.back.function is function
    lives = any(Role.CONNECT in file.meanings.known(call).role for call in function.calls) and any(
        _receives_on(file, one) for one in cycle.functions
    )
    if not lives and not (again and Role.PAUSE in file.meanings.does(function)):
        return None
    if again and not (Role.PAUSE in file.meanings.does(function) or _in_handler(cycle.back)):
        return None  # once more, at most
    if _is_counted(file, cycle):
        return Confidence.LOW if lives else None
    return Confidence.MEDIUM if again else Confidence.HIGH


def _in_handler(call: Call) -> bool:
    return any(one.part == "handler" for one in call.place.tries)


def _receives_on(file: PythonFile, function: Function) -> bool:
    """Whether a function receives message after message."""
    return any(
        file.meanings.received_over(loop) is not None or any(True for _ in file.receives_in(loop))
        for loop in function.loops
    ) or any(file.meanings.known(call).role & _RUNS == _RUNS for call in function.calls)


def _is_counted(file: PythonFile, cycle: Cycle) -> bool:
    """Whether it goes back a limited number of times only: nothing on the way counts anew."""
    function = cycle.back.function
    counters = [
        one
        for decision in function.decisions
        if isinstance(decision.node, ast.If)
        for one in _counters(decision.node.test)
    ]
    return bool(counters) and not any(
        isinstance(binding.source, ast.Constant) and binding.function in cycle.functions
        for counter in counters
        for binding in file.meanings.bindings(counter, function)
    )


def _counters(test: ast.expr) -> Iterator[ast.expr]:
    for one in ast.walk(test):
        if isinstance(one, ast.Compare) and isinstance(one.ops[0], _COMPARES):
            for side in (one.left, *one.comparators):
                parts = dotted(side)
                if parts and _COUNTS.search(parts[-1]) and not parts[-1].isupper():
                    yield side


RULE = Rule(
    id="LW106",
    name="reconnect-by-recursion",
    severity=Severity.WARNING,
    prevents=("reconnect-gives-up", "overlapping-sessions"),
    check=check,
)
