"""A delay between reconnects that grows without limit, or that is the same for everybody.

## What it does
Looks for reconnect loops whose delay doubles with nothing that limits it; and, at low confidence,
for those that always wait for the same time.

## Why reception stops
A delay that doubles has reached an hour after twelve failures: the server is back long since, and
the program sleeps. A delay that is the same for all clients brings them all back in the same
moment, and the server, which has just come up, falls over again.

## Example
```python
delay = 1
while True:
    try:
        await session(url)
    except OSError:
        await asyncio.sleep(delay)
        delay *= 2
```

## Use instead
```python
delay = 1.0
while True:
    try:
        await session(url)
        delay = 1.0
    except OSError:
        await asyncio.sleep(random.uniform(0, delay))
        delay = min(2 * delay, 60.0)
```

## Limits
Any `min()`, comparison, or limit on the number of tries that has to do with the delay counts as a
limit. A single client that waits a constant time harms nobody, so that is of low confidence.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted, names_in
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Loop

_SLEEPS: Final = frozenset({"asyncio.sleep", "time.sleep", "trio.sleep", "anyio.sleep"})
_LONG: Final = 0.5


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    for loop in file.reconnect_loops():
        for call in loop.calls:
            name = file.meanings.name(call.node.func, call.function)
            if name not in _SLEEPS or not call.node.args:
                continue
            delay = call.node.args[0]
            if _grows(loop, delay) and not _is_limited(loop, delay):
                yield file.report(
                    call.node,
                    "this delay grows with each failure and nothing limits it: after a longer "
                    "outage the server is back, and this sleeps for hours",
                    help="delay = min(2 * delay, 60.0), and sleep for random.uniform(0, delay)",
                    confidence=Confidence.HIGH,
                )
            elif _is_constant(file, call, delay):
                yield file.report(
                    call.node,
                    "every client waits for the same time here: after a restart of the server they "
                    "all come back in the same moment",
                    help="sleep for random.uniform(0.5, 1.5) times as long",
                    confidence=Confidence.LOW,
                )


def _grows(loop: Loop, delay: ast.expr) -> bool:
    """Whether a delay doubles: by ``delay *= 2``, ``delay = delay * 2`` or ``2 ** tries``."""
    if any(isinstance(one, ast.BinOp) and isinstance(one.op, ast.Pow) for one in ast.walk(delay)):
        return True
    path = dotted(delay)
    if not path:
        return False
    for one in _inside(loop):
        match one:
            case ast.AugAssign(target=target, op=ast.Mult() | ast.Pow()) if dotted(target) == path:
                return True
            case ast.Assign(targets=[target], value=ast.BinOp(op=ast.Mult() | ast.Pow()) as value):
                if dotted(target) == path and path in names_in([value]):
                    return True
    return False


def _is_limited(loop: Loop, delay: ast.expr) -> bool:
    """Whether anything compares what the delay is made of, or takes the smaller of two."""
    names = names_in([delay])
    for one in _inside(loop):
        match one:
            case ast.Call(func=ast.Name(id="min")):
                return True
            case ast.Compare() if names_in([one]) & names:
                return True
            case ast.Assign(targets=[target]) if dotted(target) in names:
                names = names | names_in([one.value])
    # ``for attempt in range(5)``, ``while attempt < 5``
    around = [loop, *loop.place.loops]
    return any(
        isinstance(one.node, ast.For)
        or (isinstance(one.node, ast.While) and bool(names_in([one.node.test]) & names))
        for one in around
    )


def _inside(loop: Loop) -> Iterator[ast.AST]:
    for statement in loop.node.body:
        yield from ast.walk(statement)


def _is_constant(file: PythonFile, call: Call, delay: ast.expr) -> bool:
    if not isinstance(delay, ast.Constant) or not isinstance(delay.value, int | float):
        return False
    inner = call.loop  # between two receives it is another pause
    return delay.value >= _LONG and inner is not None and Role.CONNECT in file.does_in(inner)


RULE = Rule(
    id="LW160",
    name="backoff-without-limit",
    severity=Severity.INFO,
    prevents=("reconnect-storm",),
    check=check,
)
