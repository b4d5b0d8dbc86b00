"""The timer for silence begins anew whenever another arm of the `select!` runs.

## What it does
Looks for an arm `_ = sleep(..)` of a `select!` in a loop that leaves the loop, beside an arm that
ticks at an interval.

## Why reception stops
The future of an arm is made anew in every turn. The interval ends each turn before the sleep is
over, so the sleep never ends: a dead connection is never noticed, though the code looks as if it
were.

## Example
```rust
loop {
    tokio::select! {
        message = read.next() => handle(message)?,
        _ = beat.tick() => ping(&mut write).await?,
        _ = sleep(Duration::from_secs(60)) => return Err(Silent),
    }
}
```

## Use instead
```rust
let silence = sleep(LIMIT);
tokio::pin!(silence);
loop {
    tokio::select! {
        message = read.next() => {
            silence.as_mut().reset(Instant::now() + LIMIT);
            handle(message)?;
        }
        _ = beat.tick() => ping(&mut write).await?,
        () = &mut silence => return Err(Silent),
    }
}
```

## Limits
Only an interval is taken to end the turns in time. Where both times are written as numbers, they
are compared.
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
    from longwire.lint.rust.records import Call
    from longwire.lint.rust.syntax import Node

_LEAVES = re.compile(r"\b(break|return)\b|bail!|reconnect")
_TIME = re.compile(r"\bfrom_(secs|millis|mins|micros)\(\s*([\d_]+)\s*\)")
_UNITS = {"secs": 1.0, "millis": 1e-3, "mins": 60.0, "micros": 1e-6}


def check(file: RustFile) -> Iterator[Report]:
    for call in file.calls(Role.PAUSE):
        arm = call.node.parent
        if arm is None or arm.kind != "select_arm" or arm.need("value") is not call.node:
            continue
        if file.meanings.known(call).gives is None or file.module.loop_of(arm) is None:
            continue
        if not _LEAVES.search(arm.need("body").text):
            continue
        ticks = [one for one in _ticks(file, arm) if _is_sooner(file, one, call) is not False]
        if ticks:
            sure = any(_is_sooner(file, one, call) for one in ticks)
            yield _report(file, call, ticks[0], Confidence.HIGH if sure else Confidence.MEDIUM)


def _ticks(file: RustFile, arm: Node) -> Iterator[Call]:
    """The intervals that other arms wait for."""
    for other in arm.parent.children if arm.parent is not None else ():
        value = other.field("value")
        call = file.module.calls.get(value) if value is not None and other is not arm else None
        if call is not None and file.meanings.kind(call.receiver).name == "interval":
            yield call


def _is_sooner(file: RustFile, tick: Call, sleep: Call) -> bool | None:
    """Whether an interval is shorter than a sleep; None, if that cannot be seen."""
    bound = file.meanings.binding(tick.receiver) if tick.receiver is not None else None
    every = _seconds(bound.source.text) if bound is not None and bound.source is not None else None
    limit = _seconds(sleep.node.text)
    return None if every is None or limit is None else every < limit


def _seconds(text: str) -> float | None:
    found = _TIME.search(text)
    return float(found[2].replace("_", "")) * _UNITS[found[1]] if found else None


def _report(file: RustFile, call: Call, tick: Call, confidence: Confidence) -> Report:
    name = tick.receiver.text if tick.receiver is not None else "the interval"
    return file.report(
        call.node,
        f"this sleep begins anew in every turn, and each tick of {name!r} ends the turn before it "
        "is over: a silent connection is never noticed",
        help="make the sleep in front of the loop, pin it, and reset it when a message comes",
        confidence=confidence,
    )


RULE = Rule(
    id="LW221",
    name="restarted-timer",
    severity=Severity.ERROR,
    prevents=("broken-watchdog",),
    check=check,
)
