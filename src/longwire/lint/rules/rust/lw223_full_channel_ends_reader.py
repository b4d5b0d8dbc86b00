"""A consumer that is slow for a moment ends the reader.

## What it does
Looks for `try_send` in a receive loop that is left for whatever error it gives.

## Why reception stops
`try_send` fails when the channel is closed, and also when it is full. A burst of messages, or a
consumer that waits for something, fills it, and the reader ends as if nobody wanted messages any
more.

## Example
```rust
while let Some(message) = read.next().await {
    if messages.try_send(message?).is_err() {
        break;
    }
}
```

## Use instead
```rust
while let Some(message) = read.next().await {
    match messages.try_send(message?) {
        Ok(()) => {}
        Err(TrySendError::Full(_)) => dropped += 1,
        Err(TrySendError::Closed(_)) => break,
    }
}
```
Or `send(..).await`, which makes the reader wait.

## Limits
A loop that is left only for some errors is taken to know the difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role
from longwire.lint.rust.values import ERR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile


def check(file: RustFile) -> Iterator[Report]:
    loops = {file.module.loop_of(one.call.node): one for one in file.receives}
    for call in file.calls(Role.PUT):
        loop = next((one for one in file.loops_around(call.node) if one in loops), None)
        if call.name != "try_send" or loop is None:
            continue
        ways = file.turns(loop, call, ERR)
        if ways and not any(way.stays for way in ways):
            yield file.report(
                file.name_of_method(call.node),
                f"when the channel is full, the loop of line {loop.line} is left as if nobody "
                "wanted messages any more: a consumer that is slow for a moment ends the reader",
                help="tell TrySendError::Full from Closed; or send(..).await",
                confidence=Confidence.HIGH if loops[loop].is_sure else Confidence.MEDIUM,
            )


RULE = Rule(
    id="LW223",
    name="full-channel-ends-reader",
    severity=Severity.WARNING,
    prevents=("bounded-queue-overflow",),
    check=check,
)
