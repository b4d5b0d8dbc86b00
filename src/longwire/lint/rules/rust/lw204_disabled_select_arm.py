"""The end of the connection disables an arm of `select!`, and the loop goes on without it.

## What it does
Looks for an arm like `Some(message) = read.next() => ...` of a `select!` in a loop, where other
arms keep the loop going.

## Why reception stops
When the connection ends, `None` does not fit the pattern. `select!` then does not leave the loop,
but waits for the other arms, in this turn and in all that follow. Timers tick, messages are sent,
but nothing is received any more, and no error is seen.

## Example
```rust
loop {
    tokio::select! {
        Some(message) = read.next() => handle(message?),
        _ = interval.tick() => report(),
    }
}
```

## Use instead
```rust
loop {
    tokio::select! {
        message = read.next() => match message {
            Some(message) => handle(message?),
            None => return Err(Ended),
        },
        _ = interval.tick() => report(),
    }
}
```

## Limits
An `else` runs only when all arms are disabled at once: it does not help where another arm lives on.
Not reported: an arm that leaves the loop for an error and for `Message::Close`, and a loop which
another arm leaves after a time of silence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.values import Fit, fit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.receives import Receive
    from longwire.lint.rust.syntax import Node

_LEAVES = re.compile(r"\b(break|return)\b|\?|bail!|unwrap\(|expect\(")


def check(file: RustFile) -> Iterator[Report]:
    for receive in file.receives:
        arm = next((one for one in receive.call.node.outward() if one.kind == "select_arm"), None)
        if arm is None or arm.parent is None or not arm.need("value").holds(receive.call.node):
            continue
        loop = file.module.loop_of(arm)
        if loop is None or not _is_left_out(receive, arm) or file.leaves_when_told(receive, loop):
            continue
        others = [one for one in arm.parent.children if one is not arm]
        confidence = _confidence(file, receive, others)
        if confidence is not None:
            yield _report(file, receive, arm, confidence)


def _is_left_out(receive: Receive, arm: Node) -> bool:
    """Whether the pattern of an arm does not fit the end."""
    value = arm.need("value")
    if value is not receive.call.node and not value.text.endswith(".fuse()"):
        return False
    return fit(arm.field("pattern"), receive.end)[0] is Fit.NO


def _confidence(file: RustFile, receive: Receive, others: list[Node]) -> Confidence | None:
    """How sure it is that the others keep the loop going; None, if they rather do not."""
    arms = [one for one in others if one.kind == "select_arm"]
    if not arms:
        return None
    if any(_is_timer(file, one) and _LEAVES.search(one.need("body").text) for one in arms):
        return None
    has_else = len(arms) < len(others)
    if has_else and all(_may_end(one) for one in arms):
        return Confidence.LOW
    return Confidence.HIGH if receive.is_sure else Confidence.MEDIUM


def _is_timer(file: RustFile, arm: Node) -> bool:
    value = arm.need("value")
    kinds = {file.meanings.kind(one).name for one in value.walk() if one.kind == "identifier"}
    names = ("sleep", "tick", "timeout", "deadline", "timer", "delay")
    return bool(kinds & {"sleep", "interval"}) or any(name in value.text for name in names)


def _may_end(arm: Node) -> bool:
    """Whether its own pattern may leave it out, too."""
    return fit(arm.field("pattern"), ("None",))[0] is not Fit.YES


def _report(file: RustFile, receive: Receive, arm: Node, confidence: Confidence) -> Report:
    return file.report(
        arm.need("pattern"),
        f"when the connection ends, {receive.text} gives what this pattern does not take: select! "
        "then only waits for its other arms, in every turn from now on, and nothing is received "
        "any more, without an error",
        help="take the whole result (message = ...), and leave the loop at None",
        confidence=confidence,
    )


RULE = Rule(
    id="LW204",
    name="disabled-select-arm",
    severity=Severity.ERROR,
    prevents=("silent-end-of-iteration",),
    check=check,
)
