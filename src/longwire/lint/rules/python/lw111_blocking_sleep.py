"""`time.sleep` in a coroutine.

## What it does
Looks for `time.sleep` in an `async def`, or in a function of the same file that one calls directly.

## Why reception stops
The sleep keeps the thread, and the event loop with it: nothing is received and no ping is answered
until it is over. A server that gets no pong in time ends the connection.

## Example
```python
async def reader(ws):
    async for message in ws:
        handle(message)
        time.sleep(0.5)
```

## Use instead
```python
async def reader(ws):
    async for message in ws:
        handle(message)
        await asyncio.sleep(0.5)
```

## Limits
A function of another file that sleeps is not seen. What is handed to a thread (`asyncio.to_thread`)
is not reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile


def check(file: PythonFile) -> Iterator[Report]:
    for call, by in file.in_event_loop("time.sleep"):
        way = "" if by is None else f", called by the coroutine {by.name!r}"
        yield file.report(
            call.node,
            f"time.sleep stops the whole event loop{way}: nothing is received, and no ping is "
            "answered, until it is over",
            help="await asyncio.sleep(...)"
            if by is None
            else "make it a coroutine, and await "
            "asyncio.sleep(...); or call it by asyncio.to_thread",
            # A test may stop its loop on purpose.
            confidence=Confidence.LOW if file.is_test else Confidence.HIGH,
        )


RULE = Rule(
    id="LW111",
    name="blocking-sleep",
    severity=Severity.ERROR,
    prevents=("blocked-event-loop",),
    check=check,
)
