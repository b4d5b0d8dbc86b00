"""What is received goes into a channel without a bound.

## What it does
Looks for a send into an unbounded channel in a receive loop.

## Why reception stops
Where the consumer is slower than the feed, if only for a while, the channel grows: messages get
older and older, and memory is used up, until the process is ended.

## Example
```rust
let (sender, receiver) = mpsc::unbounded_channel();
while let Some(message) = read.next().await {
    sender.send(message?)?;
}
```

## Use instead
```rust
let (sender, receiver) = mpsc::channel(1024);
while let Some(message) = read.next().await {
    sender.send(message?).await?;
}
```
The reader then waits, and so does the peer. Where the newest is enough, `tokio::sync::watch`.

## Limits
How fast messages come is not known, and many programs live well with such a channel: it is told as
something to know.
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
    from longwire.lint.rust.records import Loop


def check(file: RustFile) -> Iterator[Report]:
    loops = {file.module.loop_of(one.call.node): one for one in file.receives if one.is_sure}
    seen: set[Loop] = set()
    for call in file.calls(Role.PUT):
        kind = file.meanings.kind(call.receiver)
        around = next((one for one in file.loops_around(call.node) if one in loops), None)
        if kind.half != "unbounded_sender" or around is None or around in seen or file.is_test:
            continue
        if not any(way.stays for way in file.turns(around, call, ("Ok", None))):
            continue  # It is how the reader says goodbye.
        seen.add(around)
        name = call.receiver.text if call.receiver is not None else "it"
        yield file.report(
            call.node,
            f"what is received goes into {name!r}, a channel without a bound: while its receiver "
            "is slower than the feed, messages get older and memory grows without an end",
            help="a bounded channel, whose send(..).await makes the reader, and so the peer, wait",
            confidence=Confidence.MEDIUM,
        )


RULE = Rule(
    id="LW215",
    name="unbounded-channel",
    severity=Severity.INFO,
    prevents=("bounded-queue-overflow", "slow-consumer-eviction"),
    check=check,
)
