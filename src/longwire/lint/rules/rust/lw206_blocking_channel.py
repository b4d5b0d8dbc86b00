"""A channel for threads is waited for in async code.

## What it does
Looks for `recv`, `recv_timeout`, `iter` and `for x in receiver` on a receiver of `std::sync::mpsc`,
crossbeam or flume, and for `blocking_recv`, in an async function or block, or in a plain function
of the same file that one calls.

## Why reception stops
The wait keeps the thread. No other task of it runs until something comes out of the channel: the
socket is not read, pings are not answered, and the other arms of a `select!` wait, too.

## Example
```rust
async fn write(mut sink: Sink, requests: std::sync::mpsc::Receiver<String>) {
    while let Ok(request) = requests.recv() {
        sink.send(request.into()).await?;
    }
}
```

## Use instead
```rust
async fn write(mut sink: Sink, mut requests: tokio::sync::mpsc::Receiver<String>) {
    while let Some(request) = requests.recv().await {
        sink.send(request.into()).await?;
    }
}
```
A thread may send into such a channel: `blocking_send`. flume has `recv_async`.

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
    from longwire.lint.rust.records import Body
    from longwire.lint.rust.syntax import Node

_FOR_THREADS = frozenset({"std.receiver", "crossbeam.receiver", "flume.receiver"})


def check(file: RustFile) -> Iterator[Report]:
    for call in file.calls(Role.BLOCK):
        if Role.TAKE in file.meanings.role(call):
            yield from _look(file, call.node, call.name, call.receiver or call.node)
    for loop in file.module.loops.values():
        source = loop.node.field("value") if loop.how == "for" else None
        if source is None or source.kind == "call_expression":
            continue
        if file.meanings.kind(source).name in _FOR_THREADS:
            yield from _look(file, source, "the loop", source)


def _look(file: RustFile, place: Node, what: str, channel: Node) -> Iterator[Report]:
    body = file.module.body_of(place)
    by: Body | None = None
    if not file.context.in_event_loop(body):
        by = file.context.caller_in_event_loop(body)
        if by is None:
            return
    name = channel.text.lstrip("&")
    library = file.meanings.kind(channel).family
    called = f", called by async code in {by.function.name!r}" if by is not None else ""
    instead = "recv_async().await" if library == "flume" else "a channel of tokio::sync::mpsc"
    unsure = by is not None or not file.context.shares_thread(body)
    yield file.report(
        place,
        f"{what} waits for {name!r} and keeps the thread of the async runtime{called}: until "
        "something comes, no socket of this thread is read and no ping is answered",
        help=f"use {instead}; or wait in tokio::task::spawn_blocking",
        confidence=Confidence.MEDIUM if unsure else Confidence.HIGH,
    )


RULE = Rule(
    id="LW206",
    name="blocking-channel",
    severity=Severity.ERROR,
    prevents=("blocked-event-loop",),
    check=check,
)
