"""A lock is held while a message is waited for.

## What it does
Looks for a receive on a locked socket (`ws.lock().await.next().await`), and for a guard that is
alive over the wait for a message.

## Why reception stops
The lock is not free until a message comes, and is taken again at once. Who wants to send, to
subscribe or to close waits for it, perhaps for ever: the server may wait for just that.

## Example
```rust
while let Some(message) = self.socket.lock().await.next().await {
    handle(message?);
}
```

## Use instead
```rust
let (sink, mut stream) = socket.split();
self.sink = Mutex::new(sink);
while let Some(message) = stream.next().await {
    handle(message?);
}
```

## Limits
A lock over a reader's half alone is not reported: nobody else has a use for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Kind, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.receives import Receive
    from longwire.lint.rust.records import Binding
    from longwire.lint.rust.syntax import Node

_THROUGH = frozenset({"await_expression", "try_expression", "parenthesized_expression"})


def check(file: RustFile) -> Iterator[Report]:
    for receive in file.receives:
        if receive.library.is_sync:
            continue
        again = file.module.loop_of(receive.call.node) is not None
        guard = file.meanings.kind(receive.call.receiver)
        if again and guard.name.startswith("guard.") and receive.kind.half != "reader":
            yield _report(file, receive.call.node, "the socket", Confidence.HIGH)
            continue
        held = next(_held(file, receive), None)
        if held is not None and (again or receive.is_sure):
            what = f"what {held.node.text!r} guards"
            yield _report(file, held.node, what, Confidence.MEDIUM)


def _held(file: RustFile, receive: Receive) -> Iterator[Binding]:
    """The guards that are alive where a message is waited for, but for that of the reader."""
    place = receive.call.node
    used = receive.call.receiver.text.lstrip("&*(") if receive.call.receiver is not None else ""
    for name, bindings in receive.call.body.bindings.items():
        for one in bindings:
            alive = one.scope[0] <= place.start < one.scope[1] and not one.path
            if not alive or one.source is None or not _is_lock(file, one.source):
                continue
            kind = file.meanings.bound(one)
            if used.startswith(name) and _inside(kind).half == "reader":
                continue
            if not _is_dropped(receive, name, one):
                yield one


def _inside(kind: Kind) -> Kind:
    return kind.of[0] if kind.of else kind


def _is_lock(file: RustFile, source: Node) -> bool:
    """Whether a value is the guard itself, and not something that was got by it."""
    node = source
    awaited = False
    while node.kind in _THROUGH and node.children:
        awaited |= node.kind == "await_expression"
        node = node.children[0]
    call = file.module.calls.get(node)
    if call is not None and awaited and call.name == "lock" and not call.arguments:
        return True  # of what is defined in another file, too
    if call is not None and call.name in ("unwrap", "expect") and call.receiver is not None:
        return _is_lock(file, call.receiver)
    return call is not None and Role.LOCK in file.meanings.role(call) and call.name != "get_mut"


def _is_dropped(receive: Receive, name: str, bound: Binding) -> bool:
    return any(
        one.name == "drop"
        and one.arguments
        and one.arguments[0].text == name
        and bound.node.start < one.node.start < receive.call.node.start
        for one in receive.call.body.calls
    )


def _report(file: RustFile, place: Node, what: str, confidence: Confidence) -> Report:
    return file.report(
        place,
        f"{what} is locked until a message comes: whoever wants it, to send or to subscribe, waits "
        "for the peer, which may wait for just that",
        help="split() the socket, and lock the half that sends; let go of a guard before the wait",
        confidence=confidence,
    )


RULE = Rule(
    id="LW214",
    name="lock-across-receive",
    severity=Severity.ERROR,
    prevents=("send-without-timeout", "subscription-not-confirmed"),
    check=check,
)
