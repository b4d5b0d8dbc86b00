"""A coroutine waits for a thread: for its queue, its event, its lock, its result, its end.

## What it does
Looks in an `async def`, and in the functions of the same file that one calls, for `get` and `join`
of a `queue.Queue`, `wait` of a `threading.Event` or `Condition`, `join` of a thread, `result` of a
`concurrent.futures.Future`, `acquire` of a `threading.Lock`; for a `with` over such a lock that has
an `await` inside; and for a `for` over what a broker sends.

## Why reception stops
These waits keep the thread, and the event loop with it. Where the queue stays empty, nothing is
received any more, no ping is answered, and no timeout of asyncio strikes. If what is waited for
comes from a task of the same loop, it never comes.

## Example
```python
async def writer(ws, requests: queue.Queue):
    while True:
        await ws.send(requests.get())
```

## Use instead
```python
async def writer(ws, requests: asyncio.Queue):
    while True:
        await ws.send(await requests.get())

# in the thread: loop.call_soon_threadsafe(requests.put_nowait, text)
```

## Limits
A wait that is asked before whether it would block (`if not q.empty()`, `if future.done()`), or does
not wait (`block=False`), or a lock that is held for a moment, is not reported.
"""

from __future__ import annotations

import ast
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.endings import is_at_the_end
from longwire.lint.python.file import by_way_of
from longwire.lint.python.names import dotted
from longwire.lint.python.spins import asked_before, has_timeout, released_soon, returns_at_once
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function, Loop, With

_QUEUE: Final = (
    "an asyncio.Queue, and loop.call_soon_threadsafe(queue.put_nowait, item) in the thread"
)
_EVENT: Final = "an asyncio.Event, and loop.call_soon_threadsafe(event.set) in the thread"
_WAITS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "queue": ("a queue for threads", _QUEUE),
        "threading.event": ("an event for threads", _EVENT),
        "threading.condition": ("a condition for threads", _EVENT),
        "threading.lock": ("a lock for threads", "an asyncio.Lock"),
        "thread": ("the end of a thread or process", "await asyncio.to_thread(thread.join)"),
        "future": ("the result of another thread", "await asyncio.wrap_future(future)"),
    }
)


def check(file: PythonFile) -> Iterator[Report]:
    for call, by in file.blocking_in_event_loop():
        func = call.node.func
        if not isinstance(func, ast.Attribute):
            continue
        kind = file.meanings.kind(func.value, call.function)
        if kind is None or kind not in _WAITS or returns_at_once(call.node) or asked_before(call):
            continue
        if kind == "threading.lock" and released_soon(call):
            continue
        what, instead = _WAITS[kind]
        limit = has_timeout(call.node)
        way = by_way_of(by)
        yield file.report(
            call.node,
            f"{'.'.join(dotted(func)) or func.attr}{way} waits for {what} and keeps the event loop"
            f"{' until its timeout' if limit else ''}: meanwhile nothing is received, no ping is "
            "answered, and no other task runs",
            help=instead,
            confidence=_confidence(file, call, kind, by),
        )
    for function in file.module.functions:
        if function.is_async:
            yield from chain.from_iterable(_held(file, block) for block in function.withs)
            yield from chain.from_iterable(_iterated(file, loop) for loop in function.loops)


def _iterated(file: PythonFile, loop: Loop) -> Iterator[Report]:
    """A loop over what waits for a broker between two items."""
    iterated = loop.node.iter if isinstance(loop.node, ast.For) else None
    kind = iterated and file.meanings.kind(iterated, loop.place.function)
    if iterated is not None and kind in ("kafka.consumer", "redis.messages"):
        yield file.report(
            iterated,
            "each turn waits for a broker and keeps the event loop: meanwhile nothing is received, "
            "no ping is answered, and no other task runs",
            help="the library's asyncio form (aiokafka, redis.asyncio), or read in a thread",
            confidence=Confidence.LOW if file.is_test else Confidence.HIGH,
        )


def _held(file: PythonFile, block: With) -> Iterator[Report]:
    """A lock for threads that is held while others run."""
    function = block.place.function
    if isinstance(block.node, ast.AsyncWith):
        return
    for item in block.node.items:
        kind = file.meanings.kind(item.context_expr, function)
        if kind in ("threading.lock", "threading.condition") and any(
            isinstance(one, (ast.Await, ast.AsyncFor, ast.AsyncWith))
            for one in ast.walk(block.node)
        ):
            yield file.report(
                item.context_expr,
                "this lock is for threads, and is held here over an await: the next task of this "
                "event loop that wants it stops the loop, and with it the one that holds it, for "
                "ever",
                help="use an asyncio.Lock and async with; or let go of the lock before the await",
            )


def _confidence(file: PythonFile, call: Call, kind: str, by: Function | None) -> Confidence:
    """Low where it ends something, or asks for an error of what has ended before."""
    over = is_at_the_end(call, by)
    if kind == "future":
        over = call.discarded and not isinstance(call.node.func.value, ast.Call)  # type: ignore[attr-defined]
    over &= kind in ("thread", "future")
    return Confidence.LOW if over or file.is_test else Confidence.HIGH


RULE = Rule(
    id="LW113",
    name="blocking-wait",
    severity=Severity.ERROR,
    prevents=("blocked-event-loop",),
    check=check,
)
