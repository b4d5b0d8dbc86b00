"""The new connection gets no subscription.

## What it does
Looks for a loop that connects and receives, but sends nothing, in a file that subscribes elsewhere,
outside of that loop.

## Why reception stops
A server knows nothing of the old connection. The new one is open, pings are answered, and nothing
comes, for nothing was asked for.

## Example
```rust
let (mut socket, _) = connect_async(url).await?;
socket.send(Message::text(SUBSCRIBE)).await?;
loop {
    read(&mut socket).await;
    socket = connect_async(url).await?.0;
}
```

## Use instead
```rust
loop {
    let (mut socket, _) = connect_async(url).await?;
    socket.send(Message::text(SUBSCRIBE)).await?;
    read(&mut socket).await;
}
```

## Limits
A subscription in the URL is not seen; nor is one that another file sends.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.records import Call, Loop

_SUBSCRIBES = re.compile(r"subscri|\bsub_?msg|\"SUB", re.IGNORECASE)


def check(file: RustFile) -> Iterator[Report]:
    for call, loop in file.reconnects:
        around = [one for one in file.module.calls.values() if _is_subscription(file, one)]
        outside = [one for one in around if not loop.node.holds(one.node)]
        beside = [one for one in outside if one.body is call.body]
        if not beside or len(outside) < len(around) or _sends(file, loop):
            continue
        yield file.report(
            call.node.need("function"),
            f"the loop of line {loop.line} connects anew, but subscribes only once, in line "
            f"{file.line(beside[0].node)}: the new connection is open, and nothing comes from it",
            help="send the subscriptions behind every connect",
            confidence=Confidence.MEDIUM,
        )


def _is_subscription(file: RustFile, call: Call) -> bool:
    return Role.SEND in file.meanings.role(call) and bool(_SUBSCRIBES.search(call.node.text))


def _sends(file: RustFile, loop: Loop) -> bool:
    """Whether anything is sent in the loop, or handed the connection to another function."""
    return any(
        Role.SEND in file.meanings.does(one) or _SUBSCRIBES.search(one.name)
        for one in file.module.calls.values()
        if loop.node.holds(one.node)
    )


RULE = Rule(
    id="LW218",
    name="subscription-not-repeated",
    severity=Severity.WARNING,
    prevents=("lost-subscriptions", "reconnected-but-deaf"),
    check=check,
)
