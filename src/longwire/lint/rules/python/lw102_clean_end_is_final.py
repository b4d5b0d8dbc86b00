"""An end in good order ends a reader that would reconnect after any other.

## What it does
Looks for a handler of `ConnectionClosedOK` (or a `break` or `return` behind the `async for` over a
connection) that leaves a reconnect loop, where another handler goes on with it.

## Why reception stops
Servers say goodbye in good order when they restart, move, or rotate their connections (close codes
1000 and 1001). A reader that only comes back after errors ends with the first deploy of its server,
without an error.

## Example
```python
while True:
    try:
        async with websockets.connect(url) as ws:
            while True:
                handle(await ws.recv())
    except websockets.ConnectionClosedOK:
        break
    except websockets.ConnectionClosedError:
        await asyncio.sleep(1)
```

## Use instead
```python
while not stopped:
    try:
        async with websockets.connect(url) as ws:
            while True:
                handle(await ws.recv())
    except websockets.ConnectionClosed as end:
        log.info("closed by the server: %s", end)
        await asyncio.sleep(1)
```

## Limits
A handler that raises, or tells somebody (sets something, calls a callback), is not reported.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.guards import guards
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard
    from longwire.lint.python.paths import Way
    from longwire.lint.python.records import Loop, Place

_CLEAN: Final = frozenset(
    {"websockets.ConnectionClosedOK", "picows.websockets.ConnectionClosedOK", "ConnectionClosedOK"}
)
_BACK: Final = (End.FALLS, End.CONTINUES)
_LEAVES: Final = (End.BREAKS, End.RETURNS)


def check(file: PythonFile) -> Iterator[Report]:
    for loop in file.reconnect_loops():
        seen: set[ast.AST] = set()
        for place, _ in file.receives_in(loop):
            inside = list(guards(place, file.meanings, within=loop))
            if not any(_goes_on(file, loop, guard) for guard in inside):
                continue
            for node in (*_clean_handlers(file, loop, inside), *_behind(file, loop, place)):
                if node not in seen:
                    seen.add(node)
                    yield file.report(
                        node,
                        "an end in good order leaves the reconnect loop here, without a word: "
                        "servers end connections so when they restart",
                        help="reconnect after every end that this program has not asked for",
                        confidence=Confidence.MEDIUM,
                    )


def _goes_on(file: PythonFile, loop: Loop, guard: Guard) -> bool:
    return not guard.names & _CLEAN and any(
        way.end in _BACK for way in file.paths.turns(loop, guard.statement, guard.body)
    )


def _clean_handlers(file: PythonFile, loop: Loop, inside: list[Guard]) -> Iterator[ast.AST]:
    for guard in inside:
        if guard.names and guard.names <= _CLEAN:
            ways = file.paths.turns(loop, guard.statement, guard.body)
            if _all_leave_silently(ways):
                yield guard.node


def _behind(file: PythonFile, loop: Loop, place: Place) -> Iterator[ast.AST]:
    """A break or return right behind a loop over the connection."""
    inner = next((one for one in loop.place.function.loops if one.place == place), None)
    if inner is None or not isinstance(inner.node, ast.AsyncFor):
        return
    following = file.following(inner.node)
    if isinstance(following, ast.Break | ast.Return) and inner.place.loops[-1] is loop:
        yield following


def _all_leave_silently(ways: Iterable[Way]) -> bool:
    ways = list(ways)
    return bool(ways) and all(
        way.end in _LEAVES and not way.does & (Role.TELL | Role.PUT | Role.EXIT) for way in ways
    )


RULE = Rule(
    id="LW102",
    name="clean-end-is-final",
    severity=Severity.WARNING,
    prevents=("silent-end-of-iteration",),
    check=check,
)
