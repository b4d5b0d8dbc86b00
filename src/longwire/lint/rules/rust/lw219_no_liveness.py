"""Nothing notices a connection that is dead without a word.

## What it does
Looks in a client for a receive loop in a file that has no limit of time to a receive, sends no ping
and has no timer beside the receive.

## Why reception stops
A connection can end without a packet: a cable, a router that forgets it, a server that loses power.
A receive then waits for ever. `tokio-tungstenite` and `tungstenite` answer pings, but send none by
themselves.

## Example
```rust
while let Some(message) = read.next().await {
    handle(message?);
}
```

## Use instead
```rust
while let Some(message) = timeout(SILENCE, read.next()).await? {
    handle(message?);
}
```
with a SILENCE that is longer than that between two messages, or pings, of the server; or pings of
your own, and a limit of time to the pong.

## Limits
Where half of the socket is given away, or the server is on this machine, it is not reported. Only
this file is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role
from longwire.lint.rust.sockets import SERVERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.records import Body

_PINGS = re.compile(
    rb"::Ping\((?![^()]*\)+\s*(=>|\||if\b|,|\)))|\bPing\s*\{\s*\w+\s*:|\"ping\"(?!\s*(=>|\|))"
    rb"|\bsend_ping|\.ping\(",
    re.IGNORECASE,
)
"""What makes a ping; a pattern that takes one does not."""
_WATCHES = re.compile(
    rb"heart_?beat|keep_?alive|watchdog|last_(seen|pong|message|activity|msg|recv|traffic)"
    rb"|timeout|elapsed\(|deadline|set_read_timeout|inactivity|idle|stale",
    re.IGNORECASE,
)
_LOCAL = re.compile(rb"wss?://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])")


def check(file: RustFile) -> Iterator[Report]:
    if not file.is_client or file.is_test or _is_local(file) or _chooses_by_time(file):
        return
    if _WATCHES.search(file.source) or _PINGS.search(file.source):
        return
    for receive in file.receives:
        loop = file.module.loop_of(receive.call.node)
        if loop is None or not receive.is_sure or receive.kind.family in SERVERS:
            continue
        if receive.kind.family == "ezsockets" or not file.is_reader(receive, loop):
            continue
        if _sends_at_intervals(file, receive.call.body.function):
            continue
        if all(way.spins for way in file.turns(loop, receive.call, receive.end)):
            continue  # It does not even notice an end that is told.
        yield file.report(
            receive.call.node,
            f"nothing here notices a connection that is dead without a word: {receive.text} then "
            "waits for ever, for the library sends no pings by itself",
            help="timeout(.., next()) with a time that is longer than the server's silence; or "
            "pings, and a limit of time to the pong",
            confidence=Confidence.MEDIUM,
        )
        return


def _is_local(file: RustFile) -> bool:
    return bool(_LOCAL.search(file.source)) and file.source.count(b"://") == len(
        _LOCAL.findall(file.source)
    )


def _chooses_by_time(file: RustFile) -> bool:
    """Whether a select has an arm for a time."""
    pauses = file.calls(Role.PAUSE | Role.LIMIT)
    return any(outer.kind == "select_arm" for call in pauses for outer in call.node.outward())


def _sends_at_intervals(file: RustFile, reader: Body) -> bool:
    """Whether something is sent at intervals, or the function that receives has an interval."""
    return any(
        body.function is reader or any(file.meanings.does(one) & Role.SEND for one in body.calls)
        for body in file.module.bodies
        if any("interval" in name for name in body.bindings)
    )


RULE = Rule(
    id="LW219",
    name="no-liveness",
    severity=Severity.WARNING,
    prevents=("half-open-undetected", "keepalive-off"),
    check=check,
)
