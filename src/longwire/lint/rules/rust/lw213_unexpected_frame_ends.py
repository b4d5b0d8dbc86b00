"""A ping, a pong or another kind of message ends the reader.

## What it does
Looks for a match over messages in a receive loop where a ping or a pong comes to `unreachable!`,
`unimplemented!`, `todo!`, `panic!`, or an error that is returned; and for a loop whose condition
takes texts only: `while let Some(Ok(Message::Text(text)))`.

## Why reception stops
A server may ping at any time, and many do after some minutes without traffic. The libraries answer
by themselves, and hand the ping over, too. The program works in every test, and ends at the first
ping.

## Example
```rust
match message? {
    Message::Text(text) => handle(text),
    Message::Close(_) => break,
    _ => unreachable!("the server sends text only"),
}
```

## Use instead
```rust
match message? {
    Message::Text(text) => handle(text),
    Message::Close(_) => break,
    _ => {}
}
```

## Limits
`Message::Frame(_) => unreachable!()` is right: a read never gives it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.macros import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.receives import Receive
    from longwire.lint.rust.syntax import Node

_KIND = re.compile(r"\b(\w*Message|\w*Msg|WM|OpCode)::(Text|Binary|Ping|Pong|Close)\b")
_PANICS = frozenset({"panic", "unreachable", "todo", "unimplemented"})


def check(file: RustFile) -> Iterator[Report]:
    if file.is_test:
        return
    for body in file.module.bodies:
        if not any(receive.call.body is body for receive in file.receives):
            continue
        for node in file.matches(body):
            if file.module.loop_of(node) is not None and _KIND.search(node.text):
                yield from _look(file, node)
    for receive in file.receives:
        yield from _of_condition(file, receive)


def _of_condition(file: RustFile, receive: Receive) -> Iterator[Report]:
    """A loop whose own condition takes one kind of message: all others are the end of it."""
    loop = file.module.loop_of(receive.call.node)
    condition = loop.node.field("condition") if loop is not None else None
    if condition is None or condition.kind != "let_condition":
        return
    pattern = condition.need("pattern")
    taken = {one[2] for one in _KIND.finditer(pattern.text)}
    if condition.holds(receive.call.node) and taken and "Ping" not in taken:
        yield file.report(
            pattern,
            "the first message of another kind, a ping for one, does not match here and ends this "
            "loop: nothing is received any more",
            help="take whatever comes: while let Some(message), and look at its kind inside",
            confidence=Confidence.HIGH if receive.is_sure else Confidence.MEDIUM,
        )


def _look(file: RustFile, match: Node) -> Iterator[Report]:
    left = {"Ping", "Pong"}
    arms = match.need("body").children
    if not any(_KIND.search(one.need("pattern").text) for one in arms):
        return
    for arm in arms:
        pattern = arm.need("pattern")
        kinds = {one[2] for one in _KIND.finditer(pattern.text)}
        comes = left & kinds if kinds else left if _takes_messages(pattern) else set()
        if comes and (how := _ends(arm.need("value"))):
            what = " or a ".join(sorted(one.lower() for one in comes))
            yield file.report(
                pattern,
                f"the first {what} of the peer comes here, and {how}: nothing is received any more",
                help="let pings and pongs pass: the library answers them",
                confidence=Confidence.HIGH if "panics" in how else Confidence.MEDIUM,
            )
        if pattern.field("condition") is None:
            left -= comes


def _takes_messages(pattern: Node) -> bool:
    """Whether it takes whatever message has not been taken before."""
    inner = pattern.children[0] if pattern.children else pattern
    while inner.kind == "tuple_struct_pattern" and len(inner.children) == 2:
        if inner.children[0].text not in ("Some", "Ok"):
            return False
        inner = inner.children[1]
    return inner.kind == "_" or (inner.kind == "identifier" and inner.text[:1].islower())


def _ends(value: Node) -> str:
    """How an arm ends the reader; empty, if it does not."""
    node = value
    while node.kind in ("block", "expression_statement") and node.children:
        node = node.children[-1]
    if node.kind == "macro_invocation" and name_of(node) in _PANICS:
        return "the task panics"
    if node.kind == "macro_invocation" and name_of(node) == "bail":
        return "the reader ends with an error"
    if node.kind == "return_expression" and node.text.startswith("return Err"):
        return "the reader ends with an error"
    return ""


RULE = Rule(
    id="LW213",
    name="unexpected-frame-ends",
    severity=Severity.ERROR,
    prevents=("poison-message-kills-reader",),
    check=check,
)
