"""A connection without pings, in a program that notices nothing by itself.

## What it does
Looks for connections whose library sends no pings: `ping_interval=None` with websockets, a missing
`heartbeat` with aiohttp, a missing `ping_interval` with tornado, `heartbeat=None` with longwire; or
one in more than ten minutes. And for that in a module that neither pings nor limits how long it
waits for a message.

## Why reception stops
When the other side vanishes without a word (a NAT forgets, a cable is pulled, a proxy drops its
table), nothing arrives any more, no end either. The receive waits for ever.

## Example
```python
async with session.ws_connect(url) as ws:
    async for message in ws:
        handle(message)
```

## Use instead
```python
async with session.ws_connect(url, heartbeat=20) as ws:
    async for message in ws:
        handle(message)
```

## Limits
A ping, a limit of time around a receive, or something called heartbeat or watchdog anywhere in the
module counts as looking after it. Servers are reported at medium confidence: what they wait for may
be pinged by the web server around them; tests, connections to this machine, and modules that
connect for others and never receive, at low confidence.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.liveness import (
    is_local,
    is_rare,
    is_unpinged,
    limits_receives,
    looked_after,
    ping_option,
    served,
)
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call


def check(file: PythonFile) -> Iterator[Report]:
    unpinged = [
        call
        for call in file.module.calls.values()
        if is_unpinged(call, file.meanings) and not limits_receives(call, file.meanings)
    ]
    if unpinged and not looked_after(file.meanings):
        for call in unpinged:
            option, value = ping_option(call, file.meanings) or ("", None)
            yield _report(file, call, value or call.node, option)


def _report(file: PythonFile, call: Call, node: ast.AST, option: str) -> Report:
    confidence = Confidence.HIGH
    if "Response" in ast.unparse(call.node.func) or served(call, file.meanings):
        confidence = Confidence.MEDIUM
    if is_local(call, file.meanings) or file.is_test or _is_for_others(file, call):
        confidence = Confidence.LOW
    rare = isinstance(node, ast.expr) and is_rare(node)
    pings = f"each {ast.unparse(node)} s something pings" if rare else "nothing pings"
    waits = "much too long" if rare else "for ever"
    return file.report(
        node,
        f"{pings} on this connection and nothing limits how long a receive waits: when the "
        f"other side vanishes without a word, it waits {waits}",
        help=f"{option}=20, or a limit of time around each receive",
        confidence=confidence,
    )


def _is_for_others(file: PythonFile, call: Call) -> bool:
    """Whether the connection is given away by a function of a module that never receives."""
    kind = file.meanings.known(call).gives
    return not file.ever_receives and any(
        file.meanings.kind(one, call.function) == kind for one in call.function.returns
    )


RULE = Rule(
    id="LW131",
    name="keepalive-off",
    severity=Severity.WARNING,
    prevents=("keepalive-off", "half-open-undetected"),
    check=check,
)
