"""The handle of the task that receives is dropped, and nothing else tells of its end.

## What it does
Looks in a client for `spawn(..)` whose result is not kept, where the task has a receive loop with
nothing behind it, and sends into no channel.

## Why reception stops
A task that ends, or panics, does so in silence: what it gives, or its panic, is in the handle. With
that dropped, the program goes on without its reader.

## Example
```rust
tokio::spawn(async move {
    while let Some(message) = read.next().await {
        *state.lock().await = parse(message?);
    }
    Ok::<(), Error>(())
});
```

## Use instead
```rust
let reader = tokio::spawn(read_all(read, state));
tokio::select! {
    end = reader => return Err(end??),
    () = work() => {}
}
```

## Limits
Servers are not looked at. A task that has the sender of a channel is taken to tell: the channel is
closed when it ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role
from longwire.lint.rust.sockets import SERVERS
from longwire.lint.rust.ways import End

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.records import Call
    from longwire.lint.rust.syntax import Node

_TELLS = Role.PUT | Role.CONNECT | Role.EXIT


def check(file: RustFile) -> Iterator[Report]:
    if not file.is_client:
        return
    seen: set[Call] = set()
    for receive in file.receives:
        loop = file.module.loop_of(receive.call.node)
        body = receive.call.body
        if loop is None or not receive.is_sure or receive.kind.family in SERVERS:
            continue
        if file.accepts(body):
            continue
        errors = file.turns(loop, receive.call, receive.error)
        if not errors or all(way.end is End.BREAKS and way.handled is loop.node for way in errors):
            continue  # LW203 looks at those.
        if any(file.meanings.does(one) & _TELLS for one in body.calls) or file.says_behind(loop):
            continue
        for call in file.context.spawns(body):
            if file.is_dropped(call) and call not in seen and not _looks_at_end(call):
                seen.add(call)
                yield _report(file, call)


def _looks_at_end(call: Call) -> bool:
    """Whether the task does something with what the reader gives, if it only writes a line."""
    block = call.arguments[0] if call.arguments else None
    if block is None or block.kind != "async_block" or any(_is_loop(one) for one in block.walk()):
        return False
    looks = ("if_expression", "match_expression", "macro_invocation")
    return any(one.kind in looks for one in block.walk())


def _is_loop(node: Node) -> bool:
    return node.kind in ("while_expression", "loop_expression", "for_expression")


def _report(file: RustFile, call: Call) -> Report:
    return file.report(
        call.node.need("function"),
        "the task that receives is let go: when the connection ends, or a message makes it panic, "
        "it is over in silence, and the program goes on without a reader",
        help="keep the handle, and select! on it or await it; or send the end into a channel",
        confidence=Confidence.MEDIUM,
    )


RULE = Rule(
    id="LW211",
    name="dropped-handle",
    severity=Severity.WARNING,
    prevents=("unsupervised-reader-task",),
    check=check,
)
