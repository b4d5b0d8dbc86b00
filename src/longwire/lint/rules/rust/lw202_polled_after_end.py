"""A loop goes on asking a socket or a channel that has ended.

## What it does
Looks for a loop that comes back, without a pause, to a socket or a channel for tasks after that has
said that it has ended: by an arm `None => {}` or `Err(_) => continue`, or because a
`while let Some(..)` stands in an endless loop.

## Why reception stops
What has ended says so again at once, and never suspends. The task spins on its thread; other tasks
there, such as the reader or the heartbeat, get no turn any more.

## Example
```rust
loop {
    while let Some(message) = read.next().await {
        handle(message?);
    }
}
```

## Use instead
```rust
loop {
    let (_, mut read) = connect().await?.split();
    while let Some(message) = read.next().await {
        handle(message?);
    }
    sleep(delay).await;
}
```

## Limits
A channel whose sender is kept beside the receiver never ends, and is not reported where both are
names of the same function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role
from longwire.lint.rust.values import ENDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.records import Call, Loop
    from longwire.lint.rust.values import Value
    from longwire.lint.rust.ways import Way


def check(file: RustFile) -> Iterator[Report]:
    for receive in file.receives:
        yield from _look(file, receive.call, receive.end, is_sure=receive.is_sure)
    for call in file.calls(Role.TAKE) if not file.is_test else ():
        known = file.meanings.known(call)
        if known.waits and known.shape is not None and not _never_ends(file, call):
            kind = file.meanings.kind(call.receiver).name
            if kind != "broadcast.receiver":  # It fails when it lags, too, and works again then.
                # A sender that is kept elsewhere may live as long as the loop.
                yield from _look(file, call, ENDS[known.shape], is_sure=False)


def _look(file: RustFile, call: Call, end: Value, *, is_sure: bool) -> Iterator[Report]:
    """Look at the innermost loop that an end does not leave."""
    for loop in file.loops_around(call.node):
        ways = file.turns(loop, call, end)
        if not any(way.stays for way in ways):
            continue
        is_inner = loop is file.module.loop_of(call.node)
        is_ours = _is_channel(file, call) or not is_inner or all(way.is_explicit for way in ways)
        if is_ours and all(way.spins for way in ways):
            yield _report(file, call, loop, ways, is_sure=is_sure)
        return


def _is_channel(file: RustFile, call: Call) -> bool:
    return Role.TAKE in file.meanings.role(call)


def _never_ends(file: RustFile, call: Call) -> bool:
    """Whether the sender is used beside the receiver, so that the channel is never closed."""
    bound = file.meanings.binding(call.receiver) if call.receiver is not None else None
    if bound is None or bound.source is None or not bound.path:
        return False
    loop = file.module.loop_of(call.node)
    names = loop.node.walk() if loop is not None else ()
    others = (file.meanings.binding(one) for one in names if one.kind == "identifier")
    return any(
        one is not None and one.source is bound.source and one.path != bound.path for one in others
    )


def _report(
    file: RustFile, call: Call, loop: Loop, ways: frozenset[Way], *, is_sure: bool
) -> Report:
    place = next((way.handled for way in ways if way.handled is not None), call.node)
    text = " ".join(call.node.text.split())
    what = "a closed channel" if _is_channel(file, call) else "a connection that has ended"
    if loop.is_timed:
        confidence = Confidence.LOW
    elif is_sure and loop.how == "loop":
        confidence = Confidence.HIGH
    else:
        confidence = Confidence.MEDIUM
    return file.report(
        place.field("pattern") or place,
        f"the loop of line {loop.line} goes on asking {what}: {text} then gives the end again at "
        "once and never suspends, so this task spins and no other task of its thread runs",
        help="leave the loop at the end, or connect anew before the next turn",
        confidence=confidence,
    )


RULE = Rule(
    id="LW202",
    name="polled-after-end",
    severity=Severity.ERROR,
    prevents=("busy-poll-loop",),
    check=check,
)
