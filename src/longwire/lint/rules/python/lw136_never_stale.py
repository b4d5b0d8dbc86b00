"""A watchdog that does not watch before the first message.

## What it does
Looks for a check of the age of the last message that is skipped as long as there has been none
(`if self.last and now - self.last > 30`), where nothing sets that time when it connects.

## Why reception stops
A connection on which nothing ever arrives, because the subscription was lost or refused, has no
last message: it is never found to be stale, and lives for ever.

## Example
```python
self.last_message = None
...
if self.last_message and time.monotonic() - self.last_message > 30:
    await self.reconnect()
```

## Use instead
```python
self.last_message = time.monotonic()  # when it connects
...
if time.monotonic() - self.last_message > 30:
    await self.reconnect()
```

## Limits
A time that is set in a function that connects, or in a callback for the opening, is fine.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Binding, Decision, Function

_LAST: Final = re.compile(r"last|latest|recent|seen|updated", re.IGNORECASE)
_OPENING: Final = re.compile(r"open|connect|start|subscri|reset|__init__|^_*run", re.IGNORECASE)


def check(file: PythonFile) -> Iterator[Report]:
    for function in file.module.functions:
        for decision in function.decisions:
            watched = _watched(decision)
            if watched is None or not _LAST.search(watched[-1]):
                continue
            if _is_guarded(decision, watched) and not _is_set_at_the_start(file, function, watched):
                yield file.report(
                    decision.node.test,  # type: ignore[union-attr]
                    f"before the first message {'.'.join(watched)} is not set, and this check is "
                    "skipped: a connection on which nothing ever arrives is never found stale",
                    help="set it when the connection opens, and check it always",
                    confidence=Confidence.MEDIUM,
                )


def _watched(decision: Decision) -> tuple[str, ...] | None:
    """The time whose age a condition compares: ``now - self.last > limit``."""
    if not isinstance(decision.node, ast.If):
        return None
    for one in ast.walk(decision.node.test):
        match one:
            case ast.Compare(
                left=ast.BinOp(left=ast.Call() | ast.Name(), op=ast.Sub(), right=subtracted),
                ops=[ast.Gt() | ast.GtE()],
            ) if dotted(subtracted):
                return dotted(subtracted)
    return None


def _is_guarded(decision: Decision, watched: tuple[str, ...]) -> bool:
    """Whether this condition, or the one right around it, asks first whether there is a time."""
    match decision.node:
        case ast.If(test=ast.BoolOp(op=ast.And(), values=[first, *_])) if _asks(first, watched):
            return True
    around = decision.place.branches[-1:]
    return any(
        one.taken
        and isinstance(one.node, ast.If)
        and not one.node.orelse
        and _asks(one.node.test, watched)
        for one in around
    )


def _asks(test: ast.expr, watched: tuple[str, ...]) -> bool:
    match test:
        case ast.Compare(left=left, ops=[ast.IsNot() | ast.NotEq() | ast.Gt()]):
            return dotted(left) == watched
    return dotted(test) == watched


def _is_set_at_the_start(file: PythonFile, function: Function, watched: tuple[str, ...]) -> bool:
    """Whether something that opens a connection sets it, to more than None or 0."""
    if len(watched) == 1:
        bindings = [one for each in function.outward() for one in each.bindings.get(watched[0], [])]
    else:
        bindings = list(file.meanings.bindings(_expression(watched), function))
    if len(watched) == 1 and any(_is_another_time(one) for one in bindings):
        # A name that is nearer, for the value of an attribute.
        return all(
            _is_set_at_the_start(file, one.function, dotted(one.source))
            for one in bindings
            if _is_another_time(one)
        )
    return not bindings or any(
        not isinstance(one.source, ast.Constant)
        and not file.in_receive_loop(one)
        and (
            _OPENING.search(one.function.name) is not None
            or Role.CONNECT in file.meanings.does(one.function)
        )
        for one in bindings
        if one.how == "is"
    )


def _is_another_time(binding: Binding) -> bool:
    """Whether it is the value of an attribute, under a name that is nearer."""
    return binding.how == "is" and len(dotted(binding.source)) > 1


def _expression(parts: tuple[str, ...]) -> ast.expr:
    return ast.parse(".".join(parts), mode="eval").body


RULE = Rule(
    id="LW136",
    name="never-stale",
    severity=Severity.WARNING,
    prevents=("broken-watchdog", "zombie-stream"),
    check=check,
)
