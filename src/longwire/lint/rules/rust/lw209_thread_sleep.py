"""`std::thread::sleep` in async code.

## What it does
Looks for `std::thread::sleep` in an async function or block, or in a plain function of the same
file that one calls.

## Why reception stops
The sleep keeps the thread of the runtime: no task of it runs, nothing is received, no ping is
answered until it is over. A server that gets no pong in time ends the connection.

## Example
```rust
while let Some(message) = read.next().await {
    handle(message?);
    std::thread::sleep(Duration::from_millis(500));
}
```

## Use instead
```rust
while let Some(message) = read.next().await {
    handle(message?);
    tokio::time::sleep(Duration::from_millis(500)).await;
}
```

## Limits
What is handed to `spawn_blocking` or to a thread is not reported, nor is a function of another file
that sleeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile

_SLEEPS = frozenset({"std::thread::sleep", "thread::sleep", "std::thread::park_timeout"})


def check(file: RustFile) -> Iterator[Report]:
    for call in file.calls(Role.BLOCK):
        if file.meanings.name(call) not in _SLEEPS:
            continue
        way = ""
        if not file.context.in_event_loop(call.body):
            by = file.context.caller_in_event_loop(call.body)
            if by is None:
                continue
            way = f", called by async code in {by.function.name!r}"
        unsure = bool(way) or not file.context.shares_thread(call.body)
        yield file.report(
            call.node,
            f"thread::sleep keeps the thread of the async runtime{way}: no task of it runs, "
            "nothing is received and no ping is answered until it is over",
            help="tokio::time::sleep(...).await",
            confidence=Confidence.MEDIUM if unsure else Confidence.HIGH,
        )


RULE = Rule(
    id="LW209",
    name="thread-sleep",
    severity=Severity.ERROR,
    prevents=("blocked-event-loop",),
    check=check,
)
