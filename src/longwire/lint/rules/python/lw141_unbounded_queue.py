"""A queue without a limit between a reader and what works on its messages.

## What it does
Looks for a queue that is made without a size (`asyncio.Queue()`, `queue.Queue()`, `SimpleQueue()`),
that a receive loop puts messages into, and that is emptied by a loop which waits for something else
at each message. It also looks for `max_queue=None` where a connection is made.

## Why reception stops
The reader never notices that nobody keeps up. In a burst the queue grows: first each message comes
late, later than it is worth anything, then the memory is used up and the process is killed.

## Example
```python
queue = asyncio.Queue()

async def reader(ws):
    async for message in ws:
        queue.put_nowait(message)

async def writer(database):
    while True:
        await database.insert(await queue.get())
```

## Use instead
```python
queue = asyncio.Queue(maxsize=10_000)

async def reader(ws):
    async for message in ws:
        await queue.put(message)  # the other side is slowed down, as TCP means it
```
Where only the newest counts, drop the oldest, and count what is dropped.

## Limits
A module that asks how full the queue is (`qsize()`, `full()`), or whose reader takes out of it,
too, is not reported. Where it is not seen who empties the queue, or where nothing slow is seen
there, the confidence is low.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python import sockets
from longwire.lint.python.liveness import keyword
from longwire.lint.python.queues import Bound, asks_how_full, queue_of, same_queue
from longwire.lint.python.readers import reads
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call

_MAKERS: Final = frozenset(name for name in sockets.FUNCTIONS if "connect" in name) | frozenset(
    sockets.HANDLERS
)
_SLOW: Final = Role.PAUSE | Role.BLOCK | Role.SEND | Role.THREAD | Role.GATHER


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    yield from _switched_off(file)
    seen: set[ast.AST] = set()
    for call in file.calls(Role.PUT):
        queue = queue_of(call, file.meanings)
        if queue is None or queue.bound is not Bound.NONE or queue.node in seen or _is_end(call):
            continue
        if not reads(file, call.place, deep=1) or _is_watched(file, call):
            continue
        seen.add(queue.node)
        yield file.report(
            queue.node,
            f"the reader puts messages into this queue (line {call.node.lineno}) and nothing "
            "limits it: when they come faster than they are worked on, each comes later than the "
            "one before, until the memory is used up",
            help="give it a maxsize, and await put(): the reader then waits, and so does the "
            "other side; or drop the oldest, and count it",
            confidence=Confidence.MEDIUM if _taken_slowly(file, call) else Confidence.LOW,
        )


def _switched_off(file: PythonFile) -> Iterator[Report]:
    for call in file.module.calls.values():
        value = keyword(call, "max_queue")
        name = file.meanings.name(call.node.func, call.function)
        if name in _MAKERS and isinstance(value, ast.Constant) and value.value is None:
            yield file.report(
                value,
                "nothing limits how many messages wait to be received: when they come faster than "
                "they are worked on, each comes later, until the memory is used up",
                help="leave max_queue out, or give it a number: the library then stops reading "
                "until there is room",
            )


def _is_watched(file: PythonFile, put: Call) -> bool:
    """Whether somebody asks how full the queue is, or the reader itself takes out of it."""
    return asks_how_full(put, file.meanings) or any(
        take.function is put.function and same_queue(put, take, file.meanings)
        for take in file.calls(Role.TAKE)
    )


def _is_end(call: Call) -> bool:
    """Whether what is put is a mark, such as None, and not a message."""
    return bool(call.node.args) and isinstance(call.node.args[0], ast.Constant)


def _taken_slowly(file: PythonFile, put: Call) -> bool:
    """Whether a loop takes from the same queue, and waits for something else at each turn."""
    for take in file.calls(Role.TAKE):
        loop = take.loop
        if loop is None or not same_queue(put, take, file.meanings):
            continue
        for call in take.function.calls:
            if loop in call.place.loops and call is not take and _waits(file, call):
                return True
    return False


def _waits(file: PythonFile, call: Call) -> bool:
    role = file.meanings.role(call)
    if role & (Role.TAKE | Role.LIMIT):
        return False
    return call.awaited or bool(role & _SLOW)


RULE = Rule(
    id="LW141",
    name="unbounded-queue",
    severity=Severity.WARNING,
    prevents=("slow-handler-inline", "slow-consumer-eviction"),
    check=check,
)
