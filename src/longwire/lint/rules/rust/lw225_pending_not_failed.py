"""Requests that wait for an answer are not failed when the reader ends.

## What it does
Looks for a shared map of `oneshot` senders from which the reader takes those whose answer has come,
in a file where the map is never cleared.

## Why reception stops
When the connection ends, the answers do not come any more. The senders stay in the map, so their
receivers are not told: who waits for an answer waits for ever.

## Example
```rust
while let Some(message) = read.next().await {
    let answer = parse(message?)?;
    if let Some(waiting) = pending.lock().await.remove(&answer.id) {
        let _ = waiting.send(answer);
    }
}
```

## Use instead
```rust
while let Some(message) = read.next().await {
    ...
}
pending.lock().await.clear();  // drops the senders, and so fails their receivers
```

## Limits
A map that only the reader has goes with it, and is not reported. A limit of time to an answer is
taken to be enough.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.rust.file import RustFile
    from longwire.lint.rust.records import Call
    from longwire.lint.rust.roles import Kind

_CLEARS = re.compile(
    rb"\.(clear|drain|retain|into_values|into_iter|values_mut)\s*\(|mem::(take|replace)\b|timeout"
)


def check(file: RustFile) -> Iterator[Report]:
    if _CLEARS.search(file.source) or file.is_test:
        return
    for receive in file.receives:
        loop = file.module.loop_of(receive.call.node)
        if loop is None:
            continue
        for call in file.module.calls.values():
            if call.name != "remove" or not loop.node.holds(call.node):
                continue
            if _is_shared_map(file.meanings.kind(call.receiver)):
                yield _report(file, call)
                return


def _report(file: RustFile, call: Call) -> Report:
    return file.report(
        file.name_of_method(call.node),
        "when this loop ends, the requests that wait for an answer stay in the map, and nobody "
        "tells them: who has asked waits for ever",
        help="clear() the map behind the loop: that drops the senders, and their receivers fail",
        confidence=Confidence.MEDIUM,
    )


def _is_shared_map(kind: Kind) -> bool:
    """Whether it is a locked map of senders, each for one answer."""
    if not kind.name.startswith(("guard.", "mutex.")) or not kind.of:
        return False
    inner = kind.of[0]
    return inner.name == "map" and bool(inner.of) and inner.of[0].name == "oneshot.sender"


RULE = Rule(
    id="LW225",
    name="pending-not-failed",
    severity=Severity.WARNING,
    prevents=("subscription-not-confirmed", "unsupervised-reader-task"),
    check=check,
)
