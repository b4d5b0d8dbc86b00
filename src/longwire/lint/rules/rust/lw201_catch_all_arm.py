"""A catch-all takes errors and the end of the connection, and the loop goes on.

## What it does
Looks for a receive in a loop whose end (`None`, or an error that comes again and again) is taken by
`_`, by an `else`, or by an `if let` without one, and leads back to the receive: no way out of the
loop, no pause, no new connection.

## Why reception stops
After its end, a stream gives `None` at once, for ever, and never suspends. The task spins: its
thread is busy and runs no other task, no heartbeat, no reconnect; nothing is received any more, and
no error is seen, for the arm has taken that, too.

## Example
```rust
loop {
    match read.next().await {
        Some(Ok(message)) => handle(message),
        _ => println!("something else"),
    }
}
```

## Use instead
```rust
loop {
    match read.next().await {
        Some(Ok(message)) => handle(message),
        Some(Err(error)) => return Err(error),
        None => return Ok(()),
    }
}
```

## Limits
A loop that is left on some of the ways from there, or whose condition asks the stream, is taken to
know what it does. Arms that name
`Err` or `None` are looked at by LW202 and LW205.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.receives import Receive
    from longwire.lint.rust.records import Loop
    from longwire.lint.rust.syntax import Node


def check(file: RustFile) -> Iterator[Report]:
    seen: set[Node] = set()
    for receive in file.receives:
        loop = file.module.loop_of(receive.call.node)
        if loop is None:
            continue
        ways = file.turns(loop, receive.call, receive.end)
        # What blocks the thread is a pause for a thread that reads; tasks get nothing from it.
        is_thread = receive.library.is_sync
        if not ways or not all(way.spins if is_thread else way.starves for way in ways):
            continue
        taken = next((way.handled for way in ways if not way.is_explicit), None)
        if all(way.is_explicit for way in ways) or _is_asked(receive, loop):
            continue
        place = taken or receive.call.node
        if place not in seen:
            seen.add(place)
            yield _report(file, receive, loop, place)


def _is_asked(receive: Receive, loop: Loop) -> bool:
    """Whether the loop's condition asks the stream itself, as `is_terminated` does."""
    condition = loop.node.field("condition")
    name = receive.call.receiver.text if receive.call.receiver is not None else ""
    return condition is not None and f"{name}." in condition.text


def _report(file: RustFile, receive: Receive, loop: Loop, place: Node) -> Report:
    if receive.library.is_sync:
        then = "then fails at once, again and again, and the loop keeps one core busy"
    elif receive.library.repeats:
        then = "then fails at once and never suspends, so no other task of this thread runs again"
    else:
        then = "then gives None at once and never suspends, so no other task of this thread runs"
    errors = file.turns(loop, receive.call, receive.error)
    also = "errors and " if any(way.handled is place for way in errors) else ""
    return file.report(
        place.field("pattern") or place,
        f"{also}the end of the connection {'are' if also else 'is'} taken here, too, and the loop "
        f"of line {loop.line} goes on: {receive.text} {then}, and nothing is received any more",
        help="name Err and the end in arms of their own that leave the loop, and tell why; let a "
        "catch-all take messages only: Some(Ok(_))",
        confidence=_confidence(file, receive, loop),
    )


def _confidence(file: RustFile, receive: Receive, loop: Loop) -> Confidence:
    if loop.is_timed:
        return Confidence.LOW
    sure = receive.is_sure and loop.how == "loop" and not file.leaves_when_told(receive, loop)
    return Confidence.HIGH if sure else Confidence.MEDIUM


RULE = Rule(
    id="LW201",
    name="catch-all-arm",
    severity=Severity.ERROR,
    prevents=("swallowed-exception", "busy-poll-loop"),
    check=check,
)
