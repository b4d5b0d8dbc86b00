"""A message or an error makes the task that receives panic.

## What it does
Looks for `unwrap` and `expect` on a parse, on the text of a message, or on the result of a receive,
in a receive loop that runs as a task.

## Why reception stops
The panic ends the task, not the program: tokio catches it and puts it into the task's handle. One
message in another form than was thought of, or the end of the connection, and nothing is received
any more, while all else goes on.

## Example
```rust
tokio::spawn(async move {
    while let Some(message) = read.next().await {
        let trade: Trade = serde_json::from_str(message.unwrap().to_text().unwrap()).unwrap();
        trades.send(trade).await.unwrap();
    }
});
```

## Use instead
```rust
tokio::spawn(async move {
    while let Some(message) = read.next().await {
        match serde_json::from_str(message?.to_text()?) {
            Ok(trade) => trades.send(trade).await?,
            Err(error) => tracing::warn!(%error, "not a trade"),
        }
    }
    Ok(())
});
```

## Limits
`unwrap` of a lock, and of what the program made itself, is not reported; nor are loops that do not
run as a task: there, a panic is seen. In a server, it is one visitor who suffers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role
from longwire.lint.rust.ways import End

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.receives import Receive
    from longwire.lint.rust.records import Call, Loop
    from longwire.lint.rust.syntax import Node

_PANICS = frozenset({"unwrap", "expect"})
_PARTS = frozenset({"as_str", "as_i64", "as_u64", "as_f64", "as_bool", "as_array", "as_object"})
"""Of a value of serde_json: None, where the message has another there."""
_TEXTS = frozenset({"to_text", "into_text"})


def check(file: RustFile) -> Iterator[Report]:
    seen: set[Node] = set()
    for receive in file.receives:
        loop = file.module.loop_of(receive.call.node)
        if loop is None or loop.node in seen or not file.context.spawns(receive.call.body):
            continue
        seen.add(loop.node)
        if file.is_test or file.accepts(receive.call.body):
            continue
        yield from _on_result(file, receive, loop)
        yield from _on_message(file, receive, loop)


def _on_result(file: RustFile, receive: Receive, loop: Loop) -> Iterator[Report]:
    """Where an error of the receive itself makes the task panic."""
    ways = file.turns(loop, receive.call, receive.error)
    place = next((way.handled for way in ways if way.end is End.PANICS), None)
    if place is not None and all(way.end is End.PANICS for way in ways):
        yield file.report(
            file.name_of_method(place),
            f"when the connection fails, the task panics here: {receive.text} gives an error then, "
            "the task is over in silence, and nothing is received any more",
            help="match the error, and leave the loop with it, so that the program is told",
            confidence=Confidence.HIGH if receive.is_sure else Confidence.MEDIUM,
        )


def _on_message(file: RustFile, receive: Receive, loop: Loop) -> Iterator[Report]:
    """Where a message makes it panic."""
    for call in receive.call.body.calls:
        if call.name in _PANICS and loop.node.holds(call.node) and _parses(file, call):
            yield file.report(
                file.name_of_method(call.node),
                "a message that is not what is expected here makes the task panic: it is over in "
                "silence, and nothing is received any more",
                help="match the error, log it, and go on with the next message",
                confidence=Confidence.HIGH if receive.is_sure else Confidence.MEDIUM,
            )


def _parses(file: RustFile, call: Call) -> bool:
    inner = file.module.calls.get(call.receiver) if call.receiver is not None else None
    if inner is None:
        return False
    return (
        Role.PARSE in file.meanings.role(inner)
        or inner.name in _TEXTS
        or (inner.name in _PARTS and not inner.arguments)
        or (inner.name == "get" and inner.arguments[0].kind == "string_literal")
    )


RULE = Rule(
    id="LW212",
    name="panic-in-reader",
    severity=Severity.WARNING,
    prevents=("poison-message-kills-reader", "unsupervised-reader-task"),
    check=check,
)
