"""The reader waits for another machine between two messages.

## What it does
Looks for HTTP requests (`reqwest`) and queries of databases (`sqlx`) that are awaited in a receive
loop of a client, also in a function of the same file that is called there.

## Why reception stops
While the reader waits, nothing is received: the peer's pings are not answered, messages pile up in
buffers, get old, and in the end the peer ends the connection of a consumer that is too slow.

## Example
```rust
while let Some(message) = read.next().await {
    client.post(url).json(&parse(message?)?).send().await?;
}
```

## Use instead
```rust
while let Some(message) = read.next().await {
    orders.send(parse(message?)?).await?;  // a bounded channel; another task sends the requests
}
```

## Limits
Whether the answer comes fast is not known. What is spawned as a task is not reported, nor are
servers, where a visitor waits for just that answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role
from longwire.lint.rust.sockets import SERVERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.receives import Receive
    from longwire.lint.rust.records import Call, Loop


def check(file: RustFile) -> Iterator[Report]:
    if not file.is_client or file.is_test:
        return
    seen: set[Loop] = set()
    for receive in file.receives:
        loop = file.module.loop_of(receive.call.node)
        if loop is None or loop in seen or receive.kind.family in SERVERS:
            continue
        if not receive.is_sure or not file.is_reader(receive, loop):
            continue
        for call in receive.call.body.calls:
            if _is_slow(file, call) and _is_behind(file, receive, call, loop):
                seen.add(loop)
                yield _report(file, receive, call)
                break


def _is_slow(file: RustFile, call: Call) -> bool:
    return Role.SLOW in file.meanings.does(call) and call.awaited


def _is_behind(file: RustFile, receive: Receive, call: Call, loop: Loop) -> bool:
    """Whether it is done for a message, in the reader's own loop."""
    return file.module.loop_of(call.node) is loop and call.node.start > receive.call.node.start


def _report(file: RustFile, receive: Receive, call: Call) -> Report:
    return file.report(
        file.name_of_method(call.node),
        f"until this is answered, {receive.text} is not called again: nothing is received and no "
        "ping is answered, and a peer whose messages pile up ends the connection",
        help="hand it to another task by a bounded channel",
        confidence=Confidence.MEDIUM,
    )


RULE = Rule(
    id="LW227",
    name="slow-await-in-reader",
    severity=Severity.WARNING,
    prevents=("slow-handler-inline",),
    check=check,
)
