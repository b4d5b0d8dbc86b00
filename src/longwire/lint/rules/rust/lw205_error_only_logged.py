"""An error of the connection is logged, and the loop goes on.

## What it does
Looks for an arm for `Err` of a receive in a loop that leads back to the receive.

## Why reception stops
An error of a WebSocket is no bad message: it is the end. The sockets of `tungstenite`,
`fastwebsockets` and `soketto` fail again at every call, so the loop spins. A stream such as that of
`tokio-tungstenite` gives `None` next: the loop ends a turn later, and what ended it is only a line
in the log.

## Example
```rust
loop {
    match socket.read() {
        Ok(message) => handle(message),
        Err(error) => eprintln!("{error}"),
    }
}
```

## Use instead
```rust
loop {
    match socket.read() {
        Ok(message) => handle(message),
        Err(error) => return Err(error),
    }
}
```

## Limits
A socket that does not block says so by an error (`WouldBlock`): a file that knows of it is not
looked at. Where the stream ends after the error, it is only told as something to know.
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

_NO_BLOCKING = (b"WouldBlock", b"set_nonblocking", b"set_read_timeout", b"TimedOut")


def check(file: RustFile) -> Iterator[Report]:
    if any(word in file.source for word in _NO_BLOCKING):
        return
    for receive in file.receives:
        loop = file.module.loop_of(receive.call.node)
        if loop is None:
            continue
        ways = file.turns(loop, receive.call, receive.error)
        place = next((way.handled for way in ways), None)
        if place is None or not all(way.spins and way.is_explicit for way in ways):
            continue
        if receive.library.repeats:
            yield _spins(file, receive, loop, place)
        elif not any(way.stays for way in file.turns(loop, receive.call, receive.end)):
            yield _ends(file, receive, place)


def _spins(file: RustFile, receive: Receive, loop: Loop, place: Node) -> Report:
    stops = (
        "the loop keeps one core busy"
        if receive.library.is_sync
        else "it never suspends, and no other task of this thread runs again"
    )
    return file.report(
        place.field("pattern") or place,
        f"an error of {receive.text} is the end of the connection, and the loop of line "
        f"{loop.line} goes on: every receive then fails at once, {stops}",
        help="leave the loop at an error, and connect anew",
        confidence=Confidence.LOW if loop.is_timed else Confidence.HIGH,
    )


def _ends(file: RustFile, receive: Receive, place: Node) -> Report:
    return file.report(
        place.field("pattern") or place,
        f"an error of {receive.text} is no bad message: the stream gives None next, and the loop "
        "ends as if the connection had been closed",
        help="leave the loop here, with the error",
        confidence=Confidence.LOW,
        severity=Severity.INFO,
    )


RULE = Rule(
    id="LW205",
    name="error-only-logged",
    severity=Severity.ERROR,
    prevents=("swallowed-exception", "busy-poll-loop"),
    check=check,
)
