"""Heartbeats are sent, and nobody looks whether they are answered.

## What it does
Looks for a branch that throws the answer to a heartbeat away (`if message == "pong": continue`), in
a module that sends heartbeats over connections whose library does not ping, and in which nothing
limits the time to the next message.

## Why reception stops
The heartbeat keeps the server content, that is all. When the other side vanishes without a word, no
answer comes any more, and nobody notices: the receive waits for ever.

## Example
```python
if data.get("op") == "pong":
    continue
```

## Use instead
```python
if data.get("op") == "pong":
    self.last_pong = time.monotonic()  # which the heartbeat looks at before it sends the next one
    continue
```

## Limits
Pings of the library, a limit of time around the receive, or anything that keeps the time of the
last message counts as looking; so may another module, where the receives are there.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.liveness import pings_by_itself, sends_heartbeats, watches
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Decision

_ANSWER: Final = re.compile(r"^(pong|heart_?beat_?ack|heart_?beat|ping_?ack)$", re.IGNORECASE)


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    ignored = [
        decision
        for function in file.module.functions
        for decision in function.decisions
        if _throws_an_answer_away(file, decision)
    ]
    if ignored and _nobody_looks(file):
        for decision in ignored:
            test = decision.node.test  # type: ignore[union-attr]
            yield file.report(
                test,
                "the answer to a heartbeat is thrown away here and nothing limits how long a "
                "receive waits: when the other side vanishes without a word, it waits for ever",
                help="keep the time of the last answer, and end the connection when it is too old",
                confidence=Confidence.MEDIUM,
            )


def _throws_an_answer_away(file: PythonFile, decision: Decision) -> bool:
    return (
        isinstance(decision.node, ast.If)
        and _only_leaves(file, decision.node.body)
        and any(
            isinstance(one, ast.Constant)
            and isinstance(one.value, str)
            and _ANSWER.match(one.value) is not None
            for one in ast.walk(decision.node.test)
        )
    )


def _only_leaves(file: PythonFile, body: Sequence[ast.stmt]) -> bool:
    """Whether nothing is done, but for a line of text."""
    return all(
        isinstance(one, ast.Pass | ast.Continue)
        or (isinstance(one, ast.Return) and one.value is None)
        or (isinstance(one, ast.Expr) and _writes_a_line(file, one.value))
        for one in body
    )


def _writes_a_line(file: PythonFile, expression: ast.expr) -> bool:
    call = file.module.calls.get(expression) if isinstance(expression, ast.Call) else None
    return call is not None and bool(file.meanings.known(call).role & (Role.LOG | Role.QUIET_LOG))


def _nobody_looks(file: PythonFile) -> bool:
    return (
        file.ever_receives
        and sends_heartbeats(file.meanings)
        and not watches(file.meanings)
        and not pings_by_itself(file.meanings)
    )


RULE = Rule(
    id="LW134",
    name="answers-ignored",
    severity=Severity.WARNING,
    prevents=("broken-watchdog", "half-open-undetected"),
    check=check,
)
