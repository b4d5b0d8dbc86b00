"""A loop polls without ever waiting.

## What it does
Looks for a `while` loop with a way through it on which nothing waits: it asks a queue that is empty
(`empty`, `get_nowait`), or a condition that does not hold, and asks again at once. `sleep(0)` is no
wait.

## Why reception stops
In a coroutine, the other tasks run only when one waits. While the loop finds nothing to do it never
does, so the reader does not receive, and no ping is answered; what would give the loop something to
do does not run either. In a thread, the loop keeps one core busy, and takes the interpreter's lock
from the thread that receives. With `sleep(0)` the others have their turns, but a core is busy.

## Example
```python
async def writer(ws, requests: queue.Queue):
    while True:
        if not requests.empty():
            await ws.send(requests.get_nowait())
```

## Use instead
```python
async def writer(ws, requests: asyncio.Queue):
    while True:
        await ws.send(await requests.get())

# in the thread: loop.call_soon_threadsafe(requests.put_nowait, text)
```

## Limits
A loop in a thread is passed over, if it calls something unknown where the queue is empty: that may
wait.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.python.spins import (
    asked_queue,
    has_conditions,
    is_hollow,
    may_wait,
)
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.paths import Way
    from longwire.lint.python.records import Call, Loop

_RECEIVES: Final = Role.RECEIVE | Role.LIMIT
_WAITS: Final = (
    Role.PAUSE
    | Role.BLOCK
    | Role.RECEIVE
    | Role.SEND
    | Role.PING
    | Role.PONG
    | Role.CONNECT
    | Role.CLOSE
    | Role.TAKE
    | Role.EXIT
)
"""What is done on a way that is more than asking: it waits, or has found something."""


def check(file: PythonFile) -> Iterator[Report]:
    for function in file.module.functions:
        for loop in function.loops:
            if isinstance(loop.node, ast.While):
                yield from _look(file, loop)


def _look(file: PythonFile, loop: Loop) -> Iterator[Report]:
    if any(file.meanings.role(one) & _RECEIVES for one in loop.calls):
        return  # it waits for messages; what it makes of their end is for others to say
    polled = asked_queue(loop, file)
    hollow = is_hollow(loop, file)
    if polled is None and not hollow:
        return
    turns = file.paths.through(loop.node.body)
    idle = [way for way in turns if _is_idle(way)]
    if not idle:
        return
    runs_on_loop = _on_event_loop(file, loop)
    yields = all(Role.YIELD in way.does for way in idle)
    if polled is None and yields and not loop.forever:
        return  # waits for another task in so many turns, as tests do
    if not runs_on_loop and polled is not None and may_wait(loop, file):
        return
    if polled is None and has_conditions(loop) and not loop.forever:
        return  # what it does where one of them holds may end it
    waits = any(not _is_idle(way) and Role.TAKE not in way.does for way in turns)
    yield _report(file, loop, polled, on_loop=runs_on_loop, yields=yields, waits=waits)


def _is_idle(way: Way) -> bool:
    return way.end in (End.FALLS, End.CONTINUES) and not way.awaits and not way.does & _WAITS


def _on_event_loop(file: PythonFile, loop: Loop) -> bool:
    function = loop.place.function
    if file.graph.on_event_loop(function):
        return True
    return file.graph.called_in_event_loop(function) is not None


def _report(
    file: PythonFile, loop: Loop, polled: Call | None, *, on_loop: bool, yields: bool, waits: bool
) -> Report:
    why = "the queue is empty" if polled is not None else "its condition does not change"
    if polled is None and loop.forever and not has_conditions(loop):
        why = "it runs"
    if on_loop and not yields:
        stops = "nothing in it waits: no other task of this event loop runs, nothing is received"
    elif on_loop:
        stops = "it keeps one core busy: sleep(0) lets the others run, but does not wait"
    else:
        stops = "it keeps one core busy, and slows every other thread, the receiving one too"
    sure = Confidence.MEDIUM if waits or not loop.forever else Confidence.HIGH
    return file.report(
        loop.node.test,  # type: ignore[union-attr]
        f"while {why}, {stops}",
        help="wait for what is to come: await queue.get() of an asyncio.Queue, or await "
        "event.wait()"
        if on_loop
        else "wait for what is to come: queue.get(), event.wait(), thread.join()",
        confidence=Confidence.LOW if file.is_test else sure,
        severity=None if on_loop and not yields else Severity.WARNING,
    )


RULE = Rule(
    id="LW116",
    name="spinning-loop",
    severity=Severity.ERROR,
    prevents=("busy-poll-loop", "blocked-event-loop"),
    check=check,
)
