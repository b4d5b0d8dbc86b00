"""An error of the connection ends the reader, and nobody is told.

## What it does
Looks for `while let Some(Ok(message)) = read.next().await` in a client, where nothing stands behind
the loop that says that it is over.

## Why reception stops
The pattern leaves the loop for an error just as for the end, and the error is dropped. The task is
over; the program goes on without it, and what is left is silence, with no reason in the log.

## Example
```rust
tokio::spawn(async move {
    while let Some(Ok(message)) = read.next().await {
        handle(message);
    }
});
```

## Use instead
```rust
tokio::spawn(async move {
    while let Some(message) = read.next().await {
        match message {
            Ok(message) => handle(message),
            Err(error) => return ended.send(Ended::Failed(error)),
        }
    }
    ended.send(Ended::Closed)
});
```

## Limits
Servers are not looked at: there, a connection that is over is often nobody's loss. Whatever is
called behind the loop is taken to tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.sockets import SERVERS
from longwire.lint.rust.ways import End

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.receives import Receive
    from longwire.lint.rust.records import Body, Loop


def check(file: RustFile) -> Iterator[Report]:
    if not file.is_client:
        return
    for receive in file.receives:
        loop = file.module.loop_of(receive.call.node)
        if loop is None or receive.kind.family in SERVERS or not receive.is_sure:
            continue
        if (
            _drops_errors(file, receive, loop)
            and not file.says_behind(loop)
            and not file.accepts(receive.call.body)
            and _is_let_go(file, receive.call.body)
        ):
            yield _report(file, receive, loop)


def _drops_errors(file: RustFile, receive: Receive, loop: Loop) -> bool:
    """Whether an error leaves the loop by its condition."""
    condition = loop.node.field("condition")
    if condition is None or not condition.holds(receive.call.node):
        return False
    ways = file.turns(loop, receive.call, receive.error)
    return bool(ways) and all(way.end is End.BREAKS and way.handled is loop.node for way in ways)


def _is_let_go(file: RustFile, body: Body) -> bool:
    """Whether the body is a task whose handle is dropped, so that nobody waits for it."""
    spawns = file.context.spawns(body)
    return bool(spawns) and all(file.is_dropped(one) for one in spawns)


def _report(file: RustFile, receive: Receive, loop: Loop) -> Report:
    return file.report(
        loop.node.need("condition"),
        f"an error of {receive.text} ends this loop as if nothing had happened, and nothing behind "
        "it tells: the task is over, nothing is received any more, and nobody knows why",
        help="take the result in the loop (Some(message)), and tell the program of an error and "
        "of the end",
        confidence=Confidence.MEDIUM,
    )


RULE = Rule(
    id="LW203",
    name="quiet-end-of-stream",
    severity=Severity.WARNING,
    prevents=("silent-end-of-iteration", "swallowed-exception"),
    check=check,
)
