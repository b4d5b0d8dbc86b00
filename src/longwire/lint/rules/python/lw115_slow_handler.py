"""Slow work between two receives.

## What it does
Looks for calls that take their time on the thread of an event loop: of `subprocess`, `smtplib`,
`sqlite3` and other databases, sockets, serial ports, `input`, models that transcribe or predict;
first of all where they are made for each message.

## Why reception stops
Until the call is done, nothing is received and no ping is answered. Messages pile up in the socket;
where the call is slow for once, the peer gets no pong in time, and ends the connection.

## Example
```python
async for message in ws:
    subprocess.run(["notify-send", message])
```

## Use instead
```python
async for message in ws:
    await asyncio.to_thread(subprocess.run, ["notify-send", message], timeout=10)
```
Where order does not matter, put messages into a bounded `asyncio.Queue`, and work on them in a task
of its own.

## Limits
How long a call takes is not known; writing into files is passed over, as it is mostly fast. What is
handed to a thread is not reported.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.file import by_way_of
from longwire.lint.python.names import dotted
from longwire.lint.python.openers import is_open
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function

_SLOW: Final = ("subprocess.", "os.system", "smtplib.", "input", "socket.")
_SLOW_ANYWHERE: Final = ("subprocess.", "os.system", "smtplib.")
_STORES: Final = ("sqlite3.", "psycopg", "pymysql.", "mysql.", "MySQLdb.", "pyodbc.")
_DATABASES: Final = frozenset({"sqlite3", "database"})
_CONVERSES: Final = _DATABASES | {"smtp"}
_MODEL: Final = re.compile(
    r"model|pipe|whisper|classifier|detector|yolo|recogni[sz]er", re.IGNORECASE
)
_INFERS: Final = frozenset({"transcribe", "infer", "inference", "predict"})


def check(file: PythonFile) -> Iterator[Report]:
    stores: set[Function] = set()
    for call, by in file.blocking_in_event_loop():
        name = file.meanings.name(call.node.func, call.function) or ""
        if _kind(file, call) in _CONVERSES or name.startswith("smtplib."):
            if call.function in stores:
                continue  # one finding for a function that speaks with a server
            stores.add(call.function)
        between = file.messages.between(call)
        sure = _confidence(file, call, between)
        if sure is not None:
            way = by_way_of(by)
            yield _report(file, call, way, between, sure)
    for call in file.module.calls.values():
        func = call.node.func
        if isinstance(func, ast.Attribute) and func.attr in _INFERS and not call.awaited:
            between = file.messages.between(call)
            parts = dotted(func)
            if (
                between is not None
                and len(parts) > 1
                and _MODEL.search(parts[-2])
                and file.meanings.function(func, call.function) is None
                and file.graph.on_event_loop(call.function)
            ):
                yield _report(file, call, "", between, Confidence.MEDIUM)


def _confidence(file: PythonFile, call: Call, between: str | None) -> Confidence | None:
    name = file.meanings.name(call.node.func, call.function)
    kind = _kind(file, call)
    if kind in _DATABASES or (name is not None and name.startswith(_STORES)):
        return Confidence.MEDIUM if between is not None else Confidence.LOW
    if kind == "socket" and "setblocking" in file.text:
        return None  # a socket that does not block, in somebody's own event loop
    if kind in ("socket", "smtp", "serial"):
        return Confidence.LOW if file.is_test else Confidence.MEDIUM
    if kind != "process" and (name is None or not name.startswith(_SLOW)):
        return None
    if between is not None or (name == "input" and call.loop is not None):
        return Confidence.HIGH
    # Before there is a connection it does no harm.
    slow = kind == "process" or (name or "").startswith(_SLOW_ANYWHERE)
    asks = name == "input" and is_open(call, file)
    return Confidence.MEDIUM if (slow or asks) and not file.is_test else Confidence.LOW


def _kind(file: PythonFile, call: Call) -> str | None:
    func = call.node.func
    if isinstance(func, ast.Attribute):
        return file.meanings.kind(func.value, call.function)
    return None


def _report(
    file: PythonFile, call: Call, way: str, between: str | None, sure: Confidence
) -> Report:
    written = ".".join(dotted(call.node.func)) or "this call"
    each = f" for each message of {between!r}" if between is not None else ""
    return file.report(
        call.node,
        f"{written}{way} stops the whole event loop{each} until it is done: nothing is received, "
        "and no ping is answered",
        help="await asyncio.to_thread(...), or a task of its own behind a bounded asyncio.Queue",
        confidence=sure,
    )


RULE = Rule(
    id="LW115",
    name="slow-handler",
    severity=Severity.WARNING,
    prevents=("blocked-event-loop", "slow-handler-inline"),
    check=check,
)
