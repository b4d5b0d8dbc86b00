"""A message that cannot be parsed ends the reader.

## What it does
Looks for a receive loop of a client that parses messages (`json.loads` and its like) where nothing
inside the loop catches that one cannot be parsed.

## Why reception stops
A server sends something else one day: an empty message, a plain "pong", an error page of the proxy
in between. The error leaves the receive loop, and with it the connection, for a single message that
could have been skipped. Where nothing connects anew, that was the last one.

## Example
```python
async for message in ws:
    handle(json.loads(message))
```

## Use instead
```python
async for message in ws:
    try:
        event = json.loads(message)
    except ValueError:
        log.warning("no JSON: %.200r", message)
        continue
    handle(event)
```

## Limits
Only where the reader runs in a task or a thread of its own, whose error nobody gets, the confidence
is medium. Where the error leads to a new connection, to a caller, or ends the program, it is low:
that may be the very thing that is wanted. Servers are not reported: there it is the client that has
to mend its ways.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.attended import unattended
from longwire.lint.python.openers import is_client
from longwire.lint.python.readers import escapes
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.readers import Escape

_UNPARSABLE: Final = frozenset(
    {"ValueError", "json.JSONDecodeError", "JSONDecodeError", "json.decoder.JSONDecodeError"}
    | {"orjson.JSONDecodeError", "ujson.JSONDecodeError", "simplejson.JSONDecodeError"}
    | {"UnicodeDecodeError", "msgspec.DecodeError", "msgspec.MsgspecError"}
)


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    seen: set[ast.AST] = set()
    for call in file.calls(Role.PARSE):
        for escape in escapes(file, call.place, _UNPARSABLE):
            loop = escape.reading.loop
            if loop.node in seen or not is_client(file, loop.place.function, escape.reading.kind):
                continue
            if not _is_endless(escape):
                continue
            seen.add(loop.node)
            alone = loop.place.function in unattended(file)
            yield file.report(
                call.node,
                "a message that cannot be parsed, an empty one for instance, leaves the receive "
                f"loop of line {loop.node.lineno} from here: {_then(file, escape, alone=alone)}",
                help="catch the ValueError right here, log the message, and go on with the next",
                confidence=Confidence.MEDIUM
                if alone and not _reconnects(file, escape)
                else Confidence.LOW,
            )


def _is_endless(escape: Escape) -> bool:
    loop = escape.reading.loop
    return isinstance(loop.node, ast.AsyncFor | ast.For) or loop.forever or escape.by is None


def _reconnects(file: PythonFile, escape: Escape) -> bool:
    loops = [*escape.reading.loop.place.loops]
    function = escape.reading.loop.place.function
    loops += [loop for call in file.graph.callers(function) for loop in call.place.loops]
    return any(Role.CONNECT in file.does_in(loop) for loop in loops)


def _then(file: PythonFile, escape: Escape, *, alone: bool) -> str:
    if _reconnects(file, escape):
        return "the connection is given up for it"
    if alone:
        return "the reader ends, and the rest of the program goes on without it"
    return "it was the last message"


RULE = Rule(
    id="LW155",
    name="bad-message-ends-reader",
    severity=Severity.WARNING,
    prevents=("poison-message-kills-reader", "unsupervised-reader-task"),
    check=check,
)
