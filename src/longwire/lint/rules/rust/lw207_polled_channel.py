"""A channel is polled in async code, and nothing suspends while it is empty.

## What it does
Looks for `try_recv`, `try_iter` and `drain` in a loop of an async function or block that, while the
channel is empty, comes to its next turn without an `.await` that suspends.

## Why reception stops
The loop never gives its thread back. The reader, which runs on the same one, is starved: nothing is
received and no ping is answered, while one core is busy.

## Example
```rust
loop {
    for request in requests.try_iter() {
        sink.send(request).await?;
    }
}
```

## Use instead
```rust
while let Some(request) = requests.recv().await {
    sink.send(request).await?;
}
```
with a channel of `tokio::sync::mpsc`.

## Limits
A sleep, however short, is taken for a pause. An await of something that is always ready is taken to
suspend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role
from longwire.lint.rust.values import EMPTY, ERR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.records import Call, Loop

_ITERATORS = frozenset({"try_iter", "drain"})


def check(file: RustFile) -> Iterator[Report]:
    seen: set[Loop] = set()
    for call in file.calls(Role.POLL):
        if not file.context.in_event_loop(call.body):
            continue
        value = EMPTY if call.name in _ITERATORS else ERR
        for loop in file.loops_around(call.node):
            ways = [way for way in file.turns(loop, call, value, Role.NONE) if way.stays]
            if not ways:
                continue  # The loop ends with an empty channel: the one around it may poll.
            spinning = [way for way in ways if way.spins]
            if spinning and loop not in seen:
                seen.add(loop)
                yield _report(file, call, loop, always=len(spinning) == len(ways))
            break


def _report(file: RustFile, call: Call, loop: Loop, *, always: bool) -> Report:
    name = call.receiver.text if call.receiver is not None else call.name
    how = "nothing in" if always else "on some ways nothing in"
    sure = file.meanings.kind(call.receiver).family in ("std", "crossbeam", "flume", "tokio")
    return file.report(
        call.node,
        f"the channel {name!r} is polled: while it is empty, {how} the loop of line {loop.line} "
        "suspends, so this task keeps its thread, and the reader of the socket gets no turn",
        help="wait for the channel: recv().await of tokio::sync::mpsc; threads can send into it",
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
    )


RULE = Rule(
    id="LW207",
    name="polled-channel",
    severity=Severity.ERROR,
    prevents=("busy-poll-loop", "blocked-event-loop"),
    check=check,
)
