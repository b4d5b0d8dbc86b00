"""A message that cannot be parsed ends the reader.

## What it does
Looks for `?` on a parse in a receive loop.

## Why reception stops
One message in another form than was thought of, a notice of maintenance, an error of the server,
and the reader returns. At best the client connects anew, and meets the same message again.

## Example
```rust
while let Some(message) = read.next().await {
    let trade: Trade = serde_json::from_str(message?.to_text()?)?;
    trades.send(trade).await?;
}
```

## Use instead
```rust
while let Some(message) = read.next().await {
    match serde_json::from_str(message?.to_text()?) {
        Ok(trade) => trades.send(trade).await?,
        Err(error) => tracing::warn!(%error, "not a trade"),
    }
}
```

## Limits
A protocol where a bad message has to end the connection is not known from others; where the error
goes into a channel first, it is taken for one. Servers are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role
from longwire.lint.rust.sockets import SERVERS
from longwire.lint.rust.values import ERR
from longwire.lint.rust.ways import End

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.receives import Receive
    from longwire.lint.rust.records import Loop
    from longwire.lint.rust.syntax import Node


def check(file: RustFile) -> Iterator[Report]:
    if file.is_test:
        return
    seen: set[Node] = set()
    for receive in file.receives:
        loop = file.module.loop_of(receive.call.node)
        body = receive.call.body
        if loop is None or receive.kind.family in SERVERS or file.accepts(body):
            continue
        for call in body.calls:
            is_parse = Role.PARSE in file.meanings.role(call) and call.node not in seen
            if is_parse and loop.node.holds(call.node) and file.is_reader(receive, loop):
                seen.add(call.node)
                ways = file.turns(loop, call, ERR)
                told = any(Role.PUT in way.does for way in ways)
                if ways and not told and all(way.end is End.RETURNS for way in ways):
                    yield _report(file, receive, loop, call.node)


def _report(file: RustFile, receive: Receive, loop: Loop, parse: Node) -> Report:
    return file.report(
        parse.need("function"),
        f"a message that cannot be parsed leaves the loop of line {loop.line}: one that was not "
        "thought of, and nothing is received any more on this connection",
        help="match the error, log it, and go on with the next message",
        confidence=Confidence.MEDIUM if receive.is_sure else Confidence.LOW,
    )


RULE = Rule(
    id="LW222",
    name="parse-error-escapes",
    severity=Severity.WARNING,
    prevents=("poison-message-kills-reader",),
    check=check,
)
