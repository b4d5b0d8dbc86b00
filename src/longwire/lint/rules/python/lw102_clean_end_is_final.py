"""An end in good order ends a reader that would reconnect after any other.

## What it does
Looks for a handler of `ConnectionClosedOK` (or a `break` or `return` behind the `async for` over a
connection) that leaves a reconnect loop, where another handler goes on with it; and for a
`ConnectionClosedError` that is handled there where nothing catches `ConnectionClosedOK`.

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
from longwire.lint.python.errors import (
    CATCH_CLEAN_ENDS,
    CLEAN_ENDS,
    TELL_ENDS_APART,
    UNCLEAN_ENDS,
)
from longwire.lint.python.guards import guards
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard
    from longwire.lint.python.records import Call, Loop, Place

_BACK: Final = (End.FALLS, End.CONTINUES)
_TELLS: Final = Role.TELL | Role.PUT | Role.EXIT
_LEAVES: Final = (End.BREAKS, End.RETURNS)


def check(file: PythonFile) -> Iterator[Report]:
    for loop in (*file.reconnect_loops(), *file.connect_loops()):
        seen: set[ast.AST] = set()
        for place, _ in file.receives_in(loop):
            inside = list(guards(place, file.meanings, within=loop))
            if not any(_goes_on(file, loop, guard) for guard in inside):
                continue
            for node in (
                *_clean_handlers(file, loop, inside),
                *_behind(file, loop, place),
                *_escapes(file, loop, inside),
            ):
                if node not in seen:
                    seen.add(node)
                    yield file.report(
                        node,
                        "an end in good order leaves the reconnect loop here, without a word: "
                        "servers end connections so when they restart",
                        help="reconnect after every end that this program has not asked for",
                        confidence=Confidence.MEDIUM,
                    )


def _escapes(file: PythonFile, loop: Loop, inside: list[Guard]) -> Iterator[ast.AST]:
    """A handler of all ends but the one in good order, which then nothing catches."""
    caught = frozenset[str]().union(*(guard.names for guard in inside))
    if caught & CATCH_CLEAN_ENDS or not any(
        _raises_clean(file, call) for call in file.receives() if call.loop not in (None, loop)
    ):
        return
    around = guards(loop.place, file.meanings)
    if not any(guard.names & CATCH_CLEAN_ENDS for guard in around):
        yield from (guard.node for guard in inside if guard.names & UNCLEAN_ENDS)


def _raises_clean(file: PythonFile, call: Call) -> bool:
    """Whether a receive lets the error of an end in good order out of its function."""
    return file.meanings.connection(call) in TELL_ENDS_APART and not any(
        guard.names & CATCH_CLEAN_ENDS for guard in guards(call.place, file.meanings)
    )


def _goes_on(file: PythonFile, loop: Loop, guard: Guard) -> bool:
    return not guard.names & CLEAN_ENDS and any(
        way.end in _BACK for way in file.paths.turns(loop, guard.statement, guard.body)
    )


def _clean_handlers(file: PythonFile, loop: Loop, inside: list[Guard]) -> Iterator[ast.AST]:
    for guard in inside:
        if guard.names and guard.names <= CLEAN_ENDS:
            ways = file.paths.turns(loop, guard.statement, guard.body)
            told = any(way.does & _TELLS for way in file.paths.through(guard.body))
            if ways and not told and all(way.end in _LEAVES for way in ways):
                yield guard.node


def _behind(file: PythonFile, loop: Loop, place: Place) -> Iterator[ast.AST]:
    """A break or return right behind a loop over the connection."""
    inner = next((one for one in loop.place.function.loops if one.place == place), None)
    if inner is None or not isinstance(inner.node, ast.AsyncFor):
        return
    following = file.following(inner.node)
    if isinstance(following, ast.Break | ast.Return) and inner.place.loops[-1] is loop:
        yield following


RULE = Rule(
    id="LW102",
    name="clean-end-is-final",
    severity=Severity.WARNING,
    prevents=("silent-end-of-iteration",),
    check=check,
)
