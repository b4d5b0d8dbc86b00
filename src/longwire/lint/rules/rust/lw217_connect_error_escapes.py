"""A failed connect ends the loop that is there to connect again.

## What it does
Looks for a loop that reconnects when a connection is over, in which the error of a connect leaves
it: by `?`, `unwrap` or `expect`.

## Why reception stops
A server that is restarted ends its connections, and is not there for some seconds. The first
attempt in that time fails, and it is the last one.

## Example
```rust
loop {
    let (mut stream, _) = connect_async(url).await?;
    while let Some(Ok(message)) = stream.next().await {
        handle(message);
    }
    sleep(delay).await;
}
```

## Use instead
```rust
loop {
    match connect_async(url).await {
        Ok((stream, _)) => read(stream).await,
        Err(error) => tracing::warn!(%error, "cannot connect"),
    }
    sleep(delay).await;
}
```

## Limits
Where a loop around the function calls it again, the error is taken to be caught there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.values import ERR
from longwire.lint.rust.ways import End

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.records import Call, Loop

_LEAVES = (End.RETURNS, End.PANICS)


def check(file: RustFile) -> Iterator[Report]:
    for call, loop in file.reconnects:
        ways = file.turns(loop, call, ERR)
        if not ways or not all(way.end in _LEAVES for way in ways) or loop.how == "for":
            continue
        if not _comes_again(file, call, loop) or _is_called_again(file, call):
            continue
        panics = all(way.end is End.PANICS for way in ways)
        how = "panics" if panics else "leaves the loop"
        yield file.report(
            call.node.need("function"),
            f"the loop of line {loop.line} connects anew when a connection is over, but the first "
            f"attempt that fails {how}: there is no other one, and nothing is received any more",
            help="match the error, pause, and go on with the next turn",
            confidence=Confidence.HIGH,
        )


def _comes_again(file: RustFile, call: Call, loop: Loop) -> bool:
    """Whether the loop comes back to the connect when a connection has ended."""
    inside = [
        one
        for one in file.receives
        if loop.node.holds(one.call.node) and one.call.body is call.body
    ]
    return any(
        way.stays
        for one in inside
        for value in (one.end, one.error)
        for way in file.turns(loop, one.call, value)
    )


def _is_called_again(file: RustFile, call: Call) -> bool:
    callers = file.meanings.callers(call.body.function)
    return any(file.module.loop_of(one.node) is not None for one in callers)


RULE = Rule(
    id="LW217",
    name="connect-error-escapes",
    severity=Severity.ERROR,
    prevents=("reconnect-gives-up",),
    check=check,
)
