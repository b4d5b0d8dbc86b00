"""`run_forever` of websocket-client without pings that are checked.

## What it does
Looks for `WebSocketApp.run_forever` without `ping_interval`, or with a `ping_interval` but no
`ping_timeout`; also where it is the target of a thread, in a lambda, or in `functools.partial`.

## Why reception stops
When the other side vanishes without a word, nothing arrives any more, no end either: `run_forever`
waits for ever. With `ping_interval` alone, pings are sent, but nobody looks whether a pong comes.

## Example
```python
app = websocket.WebSocketApp(url, on_message=on_message)
app.run_forever(ping_interval=30)
```

## Use instead
```python
app = websocket.WebSocketApp(url, on_message=on_message)
app.run_forever(ping_interval=30, ping_timeout=10)
```

## Limits
A default timeout of the sockets (`websocket.setdefaulttimeout`), options of the socket, or
something called heartbeat or watchdog in the module counts as looking after it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.liveness import is_off, looked_after
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call

_FIRST = "ping_interval"
_SECOND = "ping_timeout"
_PLACES = ("sockopt", "sslopt", _FIRST, _SECOND)
"""Its first parameters."""


def check(file: PythonFile) -> Iterator[Report]:
    for call in file.module.calls.values():
        options = _options(file, call)
        if options is None or None in options:
            continue
        if "sockopt" in options and not is_off(options["sockopt"]):
            continue  # of the kernel's own keepalive, maybe
        lacks = next(
            (one for one in (_FIRST, _SECOND) if one not in options or is_off(options[one])), None
        )
        if lacks is not None and not looked_after(file.meanings) and not _has_default(file):
            yield _report(file, call, lacks)


def _options(file: PythonFile, call: Call) -> dict[str | None, ast.expr] | None:
    """The arguments that `run_forever` will get, by name; None, if it is another call."""
    if _is_run_forever(file, call.node.func, call):
        options: dict[str | None, ast.expr] = {one.arg: one.value for one in call.node.keywords}
        options.update(zip(_PLACES, call.node.args, strict=False))
        return options
    given: list[ast.expr] = [*call.node.args, *(one.value for one in call.node.keywords)]
    if not any(_is_run_forever(file, one, call) for one in given):
        return None
    keywords = {one.arg: one.value for one in call.node.keywords}
    handed = keywords.pop("kwargs", None)  # threading.Thread(target=..., kwargs={...})
    if isinstance(handed, ast.Dict):
        names = (
            ast.literal_eval(one) if isinstance(one, ast.Constant) else None for one in handed.keys
        )
        return dict(zip(names, handed.values, strict=True))
    return keywords if handed is None else None


def _is_run_forever(file: PythonFile, expression: ast.expr, call: Call) -> bool:
    return (
        isinstance(expression, ast.Attribute)
        and expression.attr == "run_forever"
        and file.meanings.kind(expression.value, call.function) == "websocket-client.app"
    )


def _has_default(file: PythonFile) -> bool:
    return any(
        file.meanings.name(one.node.func, one.function) == "websocket.setdefaulttimeout"
        for one in file.module.calls.values()
    )


def _report(file: PythonFile, call: Call, lacks: str) -> Report:
    if lacks == _FIRST:
        message = (
            "run_forever without pings: when the other side vanishes without a word, it waits for "
            "ever"
        )
    else:
        message = (
            "run_forever sends pings here, but without ping_timeout nobody looks whether a pong "
            "comes: when the other side vanishes without a word, it waits for ever"
        )
    return file.report(
        call.node,
        message,
        help="run_forever(ping_interval=30, ping_timeout=10)",
        confidence=Confidence.LOW if file.is_test else Confidence.HIGH,
    )


RULE = Rule(
    id="LW132",
    name="run-forever-without-pings",
    severity=Severity.WARNING,
    prevents=("half-open-undetected", "keepalive-off", "broken-watchdog"),
    check=check,
)
