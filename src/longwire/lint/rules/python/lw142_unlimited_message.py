"""A connection that takes messages of any size.

## What it does
Looks for `max_size=None` (websockets, picows), `max_msg_size=0` (aiohttp) and
`websocket_max_message_size=None` (tornado) where a connection or a server is made.

## Why reception stops
A message is held in memory as a whole, and a compressed one may be a thousand times as large as
what has come over the wire. A single one, by mistake or by intent, and the process is killed for
its memory, with every other connection that it holds.

## Example
```python
async with websockets.serve(handler, "0.0.0.0", 8765, max_size=None):
    await asyncio.Future()
```

## Use instead
```python
async with websockets.serve(handler, "0.0.0.0", 8765, max_size=16 * 2**20):
    await asyncio.Future()
```

## Limits
Where the other side is trusted it may be on purpose. So this is an info, and of low confidence
where a client does it, who has chosen the other side.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python import sockets
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call

_NONE: Final = frozenset({"max_size", "websocket_max_message_size"})
_ZERO: Final = frozenset({"max_msg_size"})
_SERVERS: Final = frozenset({*sockets.HANDLERS, "aiohttp.WebSocketResponse"})


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    for call in file.module.calls.values():
        confidence = _confidence(file, call)
        if confidence is None:
            continue
        for option in call.node.keywords:
            if _is_unlimited(option):
                yield file.report(
                    option.value,
                    "a message may be as large as the other side likes: a single one can use up "
                    "the memory, and the process is killed with all its connections",
                    help=f"{option.arg}= what the largest message of the protocol needs, in bytes",
                    confidence=confidence,
                )


def _is_unlimited(option: ast.keyword) -> bool:
    if not isinstance(option.value, ast.Constant):
        return False
    value = option.value.value
    return (option.arg in _NONE and value is None) or (
        option.arg in _ZERO and value == 0 and value is not False
    )


def _confidence(file: PythonFile, call: Call) -> Confidence | None:
    """How sure it is that a limit is wanted; None, where the call makes no connection."""
    if file.meanings.name(call.node.func, call.function) in _SERVERS:
        return Confidence.HIGH
    if Role.CONNECT not in file.meanings.known(call).role:
        return None
    return Confidence.LOW


RULE = Rule(
    id="LW142",
    name="unlimited-message",
    severity=Severity.INFO,
    prevents=("message-too-big",),
    check=check,
)
