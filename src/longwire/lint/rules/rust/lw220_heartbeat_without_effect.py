"""Pings are sent, and nobody looks for the pongs.

## What it does
Looks in a client for pings that are sent at intervals, in a file that has no limit of time to a
receive and does nothing with a pong.

## Why reception stops
A ping into a dead connection is no error: the kernel keeps it, and tries again for a quarter of an
hour. Only a pong that is missing tells that nobody is there.

## Example
```rust
tokio::select! {
    _ = beat.tick() => write.send(Message::Ping(vec![].into())).await?,
    message = read.next() => match message {
        Some(Ok(Message::Pong(_))) => {}
        Some(message) => handle(message?),
        None => return Ok(()),
    },
}
```

## Use instead
```rust
tokio::select! {
    _ = beat.tick() => {
        if seen.elapsed() > 2 * BEAT {
            return Err(Silent);
        }
        write.send(Message::Ping(vec![].into())).await?;
    }
    message = read.next() => {
        seen = Instant::now();
        handle(message.ok_or(Closed)??);
    }
}
```

## Limits
Only this file is looked at. Any clock that is read in it is taken for a watch.
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
    from longwire.lint.rust.records import Call
    from longwire.lint.rust.syntax import Node

_WATCHES = re.compile(
    rb"Instant::now|SystemTime|elapsed|timeout|deadline|last_|missed|awaiting|outstanding"
    rb"|heart_?beat_?check|pong_?(received|seen|at|time|rx|tx)|Utc::now|idle|stale|unanswered",
    re.IGNORECASE,
)
_NOTHING = frozenset({"continue_expression", "unit_expression", "macro_invocation"})


def check(file: RustFile) -> Iterator[Report]:
    if not file.is_client or file.is_test or _WATCHES.search(file.source):
        return
    readers = [one for one in file.receives if file.module.loop_of(one.call.node) is not None]
    if not readers or any(one.kind.family in SERVERS for one in readers) or _uses_pong(file):
        return
    ping = next((one for one in file.calls(Role.SEND | Role.PUT) if _sends_ping(file, one)), None)
    if ping is not None:
        yield file.report(
            ping.node,
            "pings are sent, but nobody looks whether a pong comes: on a connection that is dead "
            "without a word they are no error for many minutes, and the reader waits on",
            help="note when something was received last, and end the connection when that is "
            "longer ago than two pings",
            confidence=Confidence.MEDIUM,
        )


def _sends_ping(file: RustFile, call: Call) -> bool:
    """Whether a ping is sent in a loop that is not the answer to something."""
    words = " ".join(one.text for one in call.arguments)
    loop = file.module.loop_of(call.node)
    return "Ping(" in words and loop is not None


def _uses_pong(file: RustFile) -> bool:
    """Whether a branch for a pong does anything but write a line."""
    for arm in file.tree.walk():
        if arm.kind == "match_arm" and "Pong(" in arm.need("pattern").text:
            if _does_something(arm.need("value")):
                return True
        elif arm.kind == "let_condition" and "Pong(" in arm.need("pattern").text:
            return True
    return b"is_pong" in file.source


def _does_something(value: Node) -> bool:
    if value.kind == "block":
        return any(_does_something(one) for one in value.children)
    if value.kind in ("expression_statement", "else_clause") and value.children:
        return _does_something(value.children[0])
    if value.kind == "if_expression":
        ways = (value.field("consequence"), value.field("alternative"))
        return any(_does_something(one) for one in ways if one is not None)
    return value.kind not in _NOTHING


RULE = Rule(
    id="LW220",
    name="heartbeat-without-effect",
    severity=Severity.WARNING,
    prevents=("heartbeat-not-wired-to-reader", "half-open-undetected"),
    check=check,
)
