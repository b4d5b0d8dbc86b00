"""A full queue ends the reader.

## What it does
Looks for a receive loop that puts messages into a queue with a limit by `put_nowait()` (or
`put(block=False)`), where nothing inside the loop catches that it is full, or where what catches it
leaves the loop.

## Why reception stops
In the first burst that is larger than the queue, `QueueFull` leaves the receive loop. What was busy
for a second only has then lost its connection, or its reader for good.

## Example
```python
queue = asyncio.Queue(maxsize=100)

async def reader(ws):
    async for message in ws:
        queue.put_nowait(message)
```

## Use instead
```python
async def reader(ws):
    async for message in ws:
        await queue.put(message)  # waits until there is room
```
Where waiting is no choice: catch `QueueFull` right there, drop the oldest message, and count it.

## Limits
The queue is seen to be made in this module, with a size. A loop that asks for room before it puts,
or takes out of the queue, too, is not reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.queues import (
    FULL,
    Bound,
    asks_how_full,
    puts_at_once,
    queue_of,
    same_queue,
)
from longwire.lint.python.readers import escapes
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.readers import Escape
    from longwire.lint.python.records import Call


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    seen: set[ast.AST] = set()
    for call in file.calls(Role.PUT):
        if not puts_at_once(call, file.meanings) or not _may_be_full(file, call):
            continue
        for escape in escapes(file, call.place, FULL):
            if call.node not in seen:
                seen.add(call.node)
                yield _report(file, call, escape)


def _may_be_full(file: PythonFile, call: Call) -> bool:
    queue = queue_of(call, file.meanings)
    if queue is None or queue.bound is Bound.NONE or asks_how_full(call, file.meanings):
        return False
    return not any(
        take.function is call.function and same_queue(call, take, file.meanings)
        for take in file.calls(Role.TAKE)
    )


def _report(file: PythonFile, call: Call, escape: Escape) -> Report:
    line = escape.reading.loop.node.lineno
    how = (
        f"its error leaves the receive loop of line {line}"
        if escape.by is None
        else f"the handler of line {escape.by.node.lineno} leaves the receive loop of line {line}"
    )
    return file.report(
        call.node,
        f"as soon as the queue is full, {how}: the first burst ends reception",
        help="await put(), which waits for room; or catch that it is full right here, drop the "
        "oldest, and count it",
        confidence=Confidence.HIGH if escape.outside is None else Confidence.MEDIUM,
    )


RULE = Rule(
    id="LW143",
    name="full-queue-ends-reader",
    severity=Severity.WARNING,
    prevents=("bounded-queue-overflow",),
    check=check,
)
