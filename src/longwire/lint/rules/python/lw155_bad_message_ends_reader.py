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
The confidence is medium where the error ends a loop that would connect anew, too, or a task or a
thread whose error nobody gets. Where it leads to a new connection, to a caller, or ends the
program, it is low: that may be the very thing that is wanted. Servers are not reported: there it is
the client that has to mend its ways.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.attended import unattended
from longwire.lint.python.guards import catcher_of_end
from longwire.lint.python.openers import is_client
from longwire.lint.python.readers import escapes, is_caught, left_among
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.readers import Escape
    from longwire.lint.python.records import Loop, Place

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
            seen.add(loop.node)
            fate, confidence = _fate(file, escape)
            yield file.report(
                call.node,
                "a message that cannot be parsed, an empty one for instance, leaves the receive "
                f"loop of line {loop.node.lineno} from here: {fate}",
                help="catch the ValueError right here, log the message, and go on with the next",
                confidence=confidence,
            )
    for call, handler in left_among(file, _UNPARSABLE):
        yield file.report(
            call.node,
            "a message that cannot be parsed leaves the receive loop from here, and passes by the "
            f"handler of line {handler.lineno}, which tidies up: its sender stays among the "
            "clients, and whoever sends to all of them fails at it",
            help="tidy up in a finally; and catch the ValueError here, and go on with the next",
            confidence=Confidence.MEDIUM,
        )


def _fate(file: PythonFile, escape: Escape) -> tuple[str, Confidence]:
    """What becomes of the reader, and how likely it is that nobody wants that."""
    loop = escape.reading.loop
    for outer, place in _reconnect_loops(file, loop):
        if is_caught(file, place, _UNPARSABLE, outer):
            return "the connection is given up for it", Confidence.LOW
        line = outer.node.lineno
        fate = f"it leaves the loop of line {line} that connects anew, too: it was the last message"
        # Whoever comes back after an end does not mean to leave for a message.
        ends = catcher_of_end(place, escape.reading.kind, file.meanings, within=outer)
        means_to_stay = ends is not None or isinstance(outer.node, ast.AsyncFor)
        return fate, Confidence.MEDIUM if means_to_stay else Confidence.LOW
    if loop.place.function in unattended(file):
        fate = "the reader ends, and the rest of the program goes on without it"
        return fate, Confidence.LOW if _tells(file, escape) else Confidence.MEDIUM
    return "it was the last message", Confidence.LOW


def _tells(file: PythonFile, escape: Escape) -> bool:
    """Whether what catches the error calls anything but a logger: to clean up, or to tell."""
    guard = escape.by or escape.outside
    if guard is None:
        return False
    handled = {id(one) for statement in guard.body for one in ast.walk(statement)}
    return any(
        id(call.node) in handled
        and not isinstance(call.parent, ast.Call | ast.FormattedValue)
        and not file.meanings.known(call).role & (Role.LOG | Role.QUIET_LOG)
        for call in escape.reading.loop.place.function.calls
    )


def _reconnect_loops(file: PythonFile, loop: Loop) -> Iterator[tuple[Loop, Place]]:
    """The loops around a receive loop that connect, each with a place that is inside it."""
    places = [loop.place]
    places += [call.place for call in file.graph.callers(loop.place.function)]
    for place in places:
        for outer in reversed(place.loops):
            if _connects(file, outer):
                yield outer, place


def _connects(file: PythonFile, loop: Loop) -> bool:
    if isinstance(loop.node, ast.AsyncFor) and isinstance(loop.node.iter, ast.Call):
        return Role.CONNECT in file.meanings.role(file.module.calls[loop.node.iter])
    return isinstance(loop.node, ast.While) and Role.CONNECT in file.does_in(loop)


RULE = Rule(
    id="LW155",
    name="bad-message-ends-reader",
    severity=Severity.WARNING,
    prevents=("poison-message-kills-reader", "unsupervised-reader-task"),
    check=check,
)
