"""An opening, or the first answer behind it, that is waited for without any limit.

## What it does
Looks for `websocket.create_connection(...)` and `websocket.WebSocket()` without a timeout: none as
an argument or of `connect`, no `settimeout` on it, no `setdefaulttimeout`. And for a client that
waits for one message in front of its receive loop, as for the answer to a log-in, without a limit.

## Why reception stops
The connect waits for ever for a server that takes connections and says nothing. Once connected,
`recv` does the same when the other side vanishes without a word: no message, no end, no error.
A gateway that answers pings while the program behind it hangs sends no answer to a log-in: the
keepalive is content, and the receive loop is never reached.

## Example
```python
ws = websocket.create_connection(url)
while True:
    handle(ws.recv())
```

## Use instead
```python
ws = websocket.create_connection(url, timeout=30)
while True:
    try:
        handle(ws.recv())
    except websocket.WebSocketTimeoutException:
        ws.ping()
```

## Limits
A timeout that is set in another module is not seen. Of several answers that a function waits for
the first is told. Servers, and programs that ask once and are done, are not reported for answers.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.answers import is_first_answer
from longwire.lint.python.liveness import has_spread, is_limited, is_off, keyword
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function

_NONE: Final = ast.Constant(None)
_UNCONNECTED: Final = "websocket.WebSocket"
_MAKERS: Final = ("websocket.create_connection", _UNCONNECTED)


def check(file: PythonFile) -> Iterator[Report]:
    unlimited = [call for call in file.module.calls.values() if _is_unlimited(file, call)]
    if unlimited and not _sets_a_timeout(file):
        for call in unlimited:
            yield file.report(
                call.node,
                "this connection waits without any limit: for a server that says nothing at its "
                "opening, and in recv when the other side vanishes without a word",
                help="timeout=30, and a ping or a reconnect when it is over",
                confidence=Confidence.LOW if file.is_test else Confidence.HIGH,
            )

    reported: set[Function] = set()
    for call in file.receives():
        limited = is_limited(call, file.meanings) or call.function in reported
        if not limited and is_first_answer(call, file):
            reported.add(call.function)
            yield file.report(
                call.node,
                "this waits for the first message without any limit: when the server takes the "
                "connection and then says nothing, the receive loop is never reached, and no "
                "attempt follows",
                help="async with asyncio.timeout(10): around the opening and its answers",
                confidence=Confidence.LOW if file.is_test else Confidence.MEDIUM,
            )


def _is_connected_here(file: PythonFile) -> bool:
    """Whether anything in the module calls `connect`: `WebSocket()` alone opens nothing."""
    return any(
        isinstance(call.node.func, ast.Attribute) and call.node.func.attr == "connect"
        for call in file.module.calls.values()
    )


def _is_unlimited(file: PythonFile, call: Call) -> bool:
    name = file.meanings.name(call.node.func, call.function)
    if name not in _MAKERS or (name == _UNCONNECTED and not _is_connected_here(file)):
        return False
    if has_spread(call) or keyword(call, "sockopt") is not None or len(call.node.args) > 1:
        return False
    timeout = keyword(call, "timeout")
    return timeout is None or is_off(timeout)


def _sets_a_timeout(file: PythonFile) -> bool:
    """Whether anything in the module sets one: for all sockets, or for one of them."""
    return any(
        isinstance(call.node.func, ast.Attribute)
        and (
            call.node.func.attr in ("settimeout", "setdefaulttimeout")
            or (call.node.func.attr == "connect" and not is_off(keyword(call, "timeout") or _NONE))
        )
        for call in file.module.calls.values()
    )


RULE = Rule(
    id="LW133",
    name="no-timeout",
    severity=Severity.WARNING,
    prevents=("half-open-undetected",),
    check=check,
)
