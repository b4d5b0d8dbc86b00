"""A new connection is tried at once, again and again.

## What it does
Looks for a loop with a connect that comes to its next turn without a pause, after the connect has
failed or after the connection has ended.

## Why reception stops
While the server is down, or refuses, the loop connects as fast as it can. Servers answer that with
limits and bans, and one that comes up again is brought down by all its clients.

## Example
```rust
loop {
    match connect_async(url).await {
        Ok((stream, _)) => read(stream).await,
        Err(error) => eprintln!("{error}"),
    }
}
```

## Use instead
```rust
let mut delay = FIRST;
loop {
    match connect_async(url).await {
        Ok((stream, _)) => read(stream).await,
        Err(error) => eprintln!("{error}"),
    }
    sleep(delay).await;
    delay = LONGEST.min(delay * 2);
}
```

## Limits
Any wait on the way is taken for a pause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule
from longwire.lint.rust.roles import Role
from longwire.lint.rust.values import ERR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.records import Call, Loop
    from longwire.lint.rust.ways import Way

_NO_PAUSE = Role.RECEIVE | Role.SEND | Role.CLOSE | Role.LOCK | Role.CONNECT
_PAUSES = Role.PAUSE | Role.BLOCK | Role.EXIT


def check(file: RustFile) -> Iterator[Report]:
    for call, loop in file.reconnects:
        if loop.how == "for":
            continue  # So many attempts, or one for each of several addresses.
        failed = file.turns(loop, call, ERR, _NO_PAUSE)
        again = [way for way in failed if way.stays]
        if again and all(_is_at_once(way) for way in again):
            yield _report(file, call, loop, "has failed", Confidence.HIGH)
            continue
        for receive in file.receives:
            if loop.node.holds(receive.call.node) and receive.call.body is call.body:
                ended = file.turns(loop, receive.call, receive.end, _NO_PAUSE)
                ended |= file.turns(loop, receive.call, receive.error, _NO_PAUSE)
                if ended and all(_is_at_once(way) for way in ended):
                    yield _report(file, call, loop, "is over", Confidence.MEDIUM)
                    break


def _is_at_once(way: Way) -> bool:
    return way.stays and not way.suspends and not way.does & _PAUSES


def _report(file: RustFile, call: Call, loop: Loop, when: str, confidence: Confidence) -> Report:
    what = "a connect" if when == "has failed" else "the connection"
    return file.report(
        call.node.need("function"),
        f"after {what} {when}, the loop of line {loop.line} connects again at once, and so as "
        "fast as it can while the server is down: servers answer that with limits and bans",
        help="sleep before the next attempt, longer each time up to a limit, and by chance",
        confidence=confidence,
    )


RULE = Rule(
    id="LW216",
    name="immediate-reconnect",
    severity=Severity.WARNING,
    prevents=("reconnect-storm",),
    check=check,
)
