"""A quiet feed is taken for a dead one.

## What it does
Looks for a limit of time around a receive whose handler gives the connection up (leaves the loop,
connects anew) without having asked the other side.

## Why reception stops
A feed may be quiet: at night, between two events, for a rare symbol. The client then drops a
healthy connection again and again, and misses what arrives meanwhile.

## Example
```python
try:
    message = await asyncio.wait_for(ws.recv(), 10)
except TimeoutError:
    break
```

## Use instead
```python
try:
    message = await asyncio.wait_for(ws.recv(), 10)
except TimeoutError:
    pong = await ws.ping()
    await asyncio.wait_for(pong, 10)  # only this says that it is dead
    continue
```

## Limits
Where the server sends heartbeats of its own, silence does mean that it is dead: for information, at
low confidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.guards import guards
from longwire.lint.python.liveness import is_limited
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard

_TIMEOUTS: Final = frozenset({"asyncio.TimeoutError", "TimeoutError"})
_LEAVES: Final = (End.BREAKS, End.RETURNS, End.RAISES)


def check(file: PythonFile) -> Iterator[Report]:
    seen: set[ast.AST] = set()
    for call in file.receives():
        if call.loop is None or file.is_test or not is_limited(call, file.meanings):
            continue
        for guard in guards(call.place, file.meanings):
            if guard.names and guard.names <= _TIMEOUTS and guard.node not in seen:
                seen.add(guard.node)
                if _gives_up(file, guard):
                    yield file.report(
                        guard.node,
                        "a feed that is quiet for that long is taken for dead here, without having "
                        "asked: a healthy connection is dropped",
                        help="ping when the time is over, and give up only without an answer",
                        confidence=Confidence.LOW,
                    )


def _gives_up(file: PythonFile, guard: Guard) -> bool:
    ways = file.paths.through(guard.body)
    asks = Role.PING | Role.SEND
    return all(
        (way.end in _LEAVES or Role.CONNECT in way.does) and not way.does & asks for way in ways
    )


RULE = Rule(
    id="LW138",
    name="silence-taken-for-death",
    severity=Severity.INFO,
    prevents=("broken-watchdog",),
    check=check,
)
