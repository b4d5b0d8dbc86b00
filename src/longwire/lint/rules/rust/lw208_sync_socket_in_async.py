"""A socket of tungstenite, which blocks, is used in async code.

## What it does
Looks for `tungstenite::connect`, and for `read`, `read_message`, `send` and the like of its
`WebSocket`, in an async function or block, or in a plain function of the same file that one calls.

## Why reception stops
`tungstenite` is synchronous: each call keeps its thread until it is done, a read until a message
comes. No other task of that thread runs meanwhile.

## Example
```rust
async fn watch(url: &str) {
    let (mut socket, _) = tungstenite::connect(url).unwrap();
    while let Ok(message) = socket.read() { handle(message).await; }
}
```

## Use instead
```rust
async fn watch(url: &str) {
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    while let Some(message) = socket.next().await { handle(message?).await; }
}
```

## Limits
What is handed to `spawn_blocking` or to a thread is not reported.
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
    from longwire.lint.rust.records import Call

_USES = Role.RECEIVE | Role.SEND | Role.CONNECT


def check(file: RustFile) -> Iterator[Report]:
    for call in file.calls(_USES):
        if call.awaited or not _is_sync(file, call):
            continue
        if file.context.in_event_loop(call.body):
            yield _report(file, call, "", Confidence.HIGH)
        else:
            by = file.context.caller_in_event_loop(call.body)
            if by is not None:
                way = f", called by async code in {by.function.name!r}"
                yield _report(file, call, way, Confidence.MEDIUM)


def _is_sync(file: RustFile, call: Call) -> bool:
    known = file.meanings.known(call)
    if call.receiver is None:
        return Role.BLOCK in known.role
    kind = file.meanings.kind(call.receiver)
    while kind.name.startswith("guard.") and kind.of:
        kind = kind.of[0]
    return kind.family == "tungstenite"


def _report(file: RustFile, call: Call, way: str, confidence: Confidence) -> Report:
    return file.report(
        call.node,
        f"{call.name} of tungstenite blocks the thread of the async runtime{way}: until it is "
        "done, no other task of this thread runs, and no ping is answered",
        help="use tokio-tungstenite (connect_async, next().await); or give the socket a thread",
        confidence=confidence if file.context.shares_thread(call.body) else Confidence.MEDIUM,
    )


RULE = Rule(
    id="LW208",
    name="sync-socket-in-async",
    severity=Severity.ERROR,
    prevents=("blocked-event-loop",),
    check=check,
)
