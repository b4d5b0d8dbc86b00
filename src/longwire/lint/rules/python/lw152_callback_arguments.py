"""A callback that cannot be called with what websocket-client gives it.

## What it does
Looks for the callbacks of `websocket.WebSocketApp`, and counts their parameters: since version 1.0
the app calls `on_open(app)`, `on_message(app, message)`, `on_error(app, error)`, and
`on_close(app, status, reason)`; methods of an object get the app, too.

## Why reception stops
The call fails with a TypeError, which the app writes to its own log, gives to `on_error` if it can,
and goes on. The callback never runs: no message is handled, or nothing reconnects after an end.

## Example
```python
def on_close(ws):
    reconnect()

app = websocket.WebSocketApp(url, on_message=on_message, on_close=on_close)
```

## Use instead
```python
def on_close(ws, status, reason):
    reconnect()
```

## Limits
Decorated functions, and functions of other modules, are not counted. Methods without the app were
right for websocket-client before 0.58, which some programs are still pinned to: where a module has
only such ones, the confidence is low.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.callbacks import CALLBACKS, callbacks
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.callbacks import Callback
    from longwire.lint.python.file import PythonFile


class Takes(NamedTuple):
    """With how many positional arguments a function can be called."""

    node: ast.AST
    least: int
    most: float


def check(file: PythonFile) -> Iterator[Report]:
    counted = [
        (callback, takes)
        for callback in callbacks(file.meanings)
        if (takes := _takes(file, callback, callback.value)) is not None
    ]
    is_old = not any(_fits(callback, takes) for callback, takes in counted)
    seen: set[ast.AST] = set()
    for callback, takes in counted:
        given = CALLBACKS[callback.name]
        if takes.node in seen or _fits(callback, takes):
            continue
        seen.add(takes.node)
        wants = takes.least if given < takes.least else takes.most
        yield file.report(
            takes.node,
            f"websocket-client calls {callback.name} with {given} argument{'s' * (given > 1)}, and "
            f"this takes {wants}: each call fails with a TypeError, and this never runs",
            help=f"{callback.name}({', '.join(_ARGUMENTS[callback.name])})",
            confidence=Confidence.LOW if is_old and len(counted) > 1 else Confidence.HIGH,
        )


def _fits(callback: Callback, takes: Takes) -> bool:
    return takes.least <= CALLBACKS[callback.name] <= takes.most


_ARGUMENTS = {
    "on_open": ("ws",),
    "on_reconnect": ("ws",),
    "on_message": ("ws", "message"),
    "on_error": ("ws", "error"),
    "on_close": ("ws", "status", "reason"),
    "on_ping": ("ws", "payload"),
    "on_pong": ("ws", "payload"),
    "on_cont_message": ("ws", "data", "is_last"),
    "on_data": ("ws", "data", "opcode", "is_last"),
}


def _takes(file: PythonFile, callback: Callback, value: ast.expr) -> Takes | None:
    """What a callable can be called with; None, where that is not known."""
    if isinstance(value, ast.Lambda):
        return _of_arguments(value, value.args, bound=0)
    if isinstance(value, ast.Call):
        name = file.meanings.name(value.func, callback.written_in)
        if name != "functools.partial" or not value.args or value.keywords:
            return None
        inner = _takes(file, callback, value.args[0])
        given = len(value.args) - 1
        return inner and Takes(inner.node, inner.least - given, inner.most - given)
    function = file.meanings.function(value, callback.written_in)
    if function is None or not isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    known = {"staticmethod", "classmethod"}
    if any(
        not isinstance(one, ast.Name) or one.id not in known for one in function.node.decorator_list
    ):
        return None
    return _of_arguments(function.node, function.node.args, bound=int(function.is_method))


def _of_arguments(node: ast.AST, arguments: ast.arguments, *, bound: int) -> Takes | None:
    if any(default is None for default in arguments.kw_defaults):
        return None  # never called so
    most = len(arguments.posonlyargs) + len(arguments.args) - bound
    least = most - len(arguments.defaults)
    return Takes(node, max(least, 0), float("inf") if arguments.vararg else most)


RULE = Rule(
    id="LW152",
    name="callback-arguments",
    severity=Severity.ERROR,
    prevents=("handler-lifecycle-mistake",),
    check=check,
)
