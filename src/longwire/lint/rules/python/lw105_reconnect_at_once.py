"""A reconnect loop that can go round without a pause.

## What it does
Looks for a loop that connects and receives, and in which a way leads from an error back to the next
connect without any pause.

## Why reception stops
While the server is down, or refuses, the loop tries as often as the machine can: a reconnect storm.
Servers answer it with bans and quotas, and all clients that do it at once keep a restarted server
down.

## Example
```python
while True:
    try:
        async with websockets.connect(url) as ws:
            async for message in ws:
                handle(message)
    except (OSError, websockets.WebSocketException):
        continue
```

## Use instead
```python
delay = 1.0
while True:
    try:
        async with websockets.connect(url) as ws:
            delay = 1.0
            async for message in ws:
                handle(message)
    except (OSError, websockets.WebSocketException) as error:
        log.warning("disconnected: %r", error)
    await asyncio.sleep(delay * random.uniform(0.5, 1.0))
    delay = min(2 * delay, 30.0)
```

## Limits
A function of another module is taken to pause if its name says so, and maybe, if it is awaited. A
handler that pauses on some of its ways is taken to know what it does. The ordinary end of a
connection may lead back at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.errors import catch_refusal
from longwire.lint.python.guards import guards
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.paths import Way
    from longwire.lint.python.records import Call, Loop

_BACK: Final = (End.FALLS, End.CONTINUES)
_RUNS: Final = ("asyncio.run", "trio.run", "anyio.run")
_WAITS: Final = Role.PAUSE | Role.TAKE | Role.EXIT


def check(file: PythonFile) -> Iterator[Report]:
    for loop in file.reconnect_loops():
        reported: set[ast.AST] = set()
        for call in loop.calls:
            if Role.CONNECT in file.meanings.role(call):
                node, confidence = _hurry(file, loop, call) or (None, Confidence.LOW)
                if node is not None and node not in reported:
                    reported.add(node)
                    yield _report(file, node, loop, confidence)
    for function in file.module.functions:
        for loop in function.loops:
            if loop.forever and _runs_at_once(file, loop):
                yield _report(file, loop.node.body[0], loop, Confidence.MEDIUM)


def _runs_at_once(file: PythonFile, loop: Loop) -> bool:
    """Whether a loop runs an event loop at each turn that connects, with no pause between."""
    return (
        any(file.meanings.name(one.node.func, one.function) in _RUNS for one in loop.calls)
        and Role.CONNECT in file.does_in(loop)
        and loop not in file.reconnect_loops()
        and _all_hurry(file.paths.through(loop.node.body))
    )


def _report(file: PythonFile, node: ast.AST, loop: Loop, confidence: Confidence) -> Report:
    return file.report(
        node,
        f"from here the loop of line {loop.node.lineno} connects again without a pause: while the "
        "server is down or refuses, it tries as often as the machine can",
        help="a sleep before the next attempt, longer after each failure, with some chance in it",
        confidence=confidence,
    )


def _hurry(file: PythonFile, loop: Loop, call: Call) -> tuple[ast.AST, Confidence] | None:
    """Where a connect that fails leads to the next one at once."""
    if _waits_before(file, loop, call):
        return None
    kind = file.meanings.known(call).gives
    for guard in guards(call.place, file.meanings, within=loop):
        if catch_refusal(guard.names, kind):
            ways = file.paths.turns(loop, guard.statement, guard.body)
            return (guard.node, Confidence.HIGH) if _all_hurry(ways) else None
    role = file.meanings.role(call)
    if Role.RECEIVE in role and _all_hurry(file.paths.through(loop.node.body)):
        # It returns when the connection has ended or failed: run_forever, or a function of ours.
        itself = Role.CONNECT in file.meanings.known(call).role
        return call.node, Confidence.HIGH if itself else Confidence.LOW
    return None


def _waits_before(file: PythonFile, loop: Loop, call: Call) -> bool:
    """Whether something in front of it, in the same turn, waits: for a job, for its time."""
    return any(
        loop in one.place.loops
        and one.node.lineno < call.node.lineno
        and (file.meanings.role(one) & _WAITS or (one.awaited and not file.meanings.role(one)))
        for one in call.function.calls
    )


def _all_hurry(ways: Iterable[Way]) -> bool:
    back = [way for way in ways if way.end in _BACK]
    return bool(back) and not any(way.does & _WAITS or way.awaits for way in back)


RULE = Rule(
    id="LW105",
    name="reconnect-at-once",
    severity=Severity.WARNING,
    prevents=("reconnect-storm",),
    check=check,
)
