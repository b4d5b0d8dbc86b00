"""Reader and writer are joined: one waits for the other, which goes on without it.

## What it does
Looks for `asyncio.gather`, and `asyncio.wait` for all, over a coroutine that receives and one that
waits for something to send, where nobody cancels the other one when the first has ended.

## Why reception stops
When the connection ends, the reader ends. The writer does not notice: it waits for something to
send, for ever. So does the gather, and with it the reconnect that would follow. With
`return_exceptions=True` not even an error is heard before both are done. Without it, an error does
come through, but the writer lives on, and takes from its queue what was meant for its successor.

## Example
```python
async with connect(url) as ws:
    await asyncio.gather(read(ws), write(ws, queue), return_exceptions=True)
```

## Use instead
```python
async with connect(url) as ws, asyncio.TaskGroup() as both:
    both.create_task(read(ws))         # must raise when the connection ends
    both.create_task(write(ws, queue))
```
Or `asyncio.wait(..., return_when=asyncio.FIRST_COMPLETED)`, and then cancel what is pending.

## Limits
A writer that sends by the clock fails by itself soon after the end, and is passed over. Coroutines
of other files are known by their names only.
"""

from __future__ import annotations

import ast
import re
from itertools import permutations
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.python.sides import (
    ends_quietly,
    is_cancelled,
    receivers,
    tells_its_end,
    waits_for_work,
)
from longwire.lint.python.sockets import CONNECTIONS
from longwire.lint.python.tasks import hides_errors, waits_for_all
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call
    from longwire.lint.python.tasks import Started

_READS: Final = re.compile(r"re?c(v|eive)|read|listen|consum|incoming", re.IGNORECASE)
_WRITES: Final = re.compile(r"send|writ|produc|outgoing|publish", re.IGNORECASE)


def check(file: PythonFile) -> Iterator[Report]:
    for call in file.calls(Role.GATHER):
        if not waits_for_all(call, file.meanings) or is_cancelled(call, file):
            continue
        around = call.parent if isinstance(call.parent, ast.Call) else None
        if around is not None and Role.LIMIT in file.meanings.role(file.module.calls[around]):
            continue
        judged = [
            (sure, _name(reader), _name(writer))
            for reader, writer in permutations(file.tasks.of(call), 2)
            if (sure := _judge(file, call, reader, writer)) is not None
        ]
        if judged:
            yield _report(file, call, *max(judged))


def _judge(file: PythonFile, call: Call, reader: Started, writer: Started) -> Confidence | None:
    read, write = reader.function, writer.function
    if read is None and write is None:
        return _by_name(file, call, reader.coroutine, writer.coroutine)
    if read is None or write is None or read is write:
        return None
    if Role.RECEIVE not in file.meanings.does(read) or not waits_for_work(write, file):
        return None
    if receivers(read, file) & receivers(write, file) or tells_its_end(read, write, file):
        return None
    if hides_errors(call) or ends_quietly(read, file):
        return Confidence.HIGH
    # An error ends the gather; the writer matters only where something follows.
    return Confidence.MEDIUM if call.place.loops or call.place.tries else None


def _by_name(file: PythonFile, call: Call, read: Call, write: Call) -> Confidence | None:
    if not (_READS.search(_last(read)) and _WRITES.search(_last(write))):
        return None
    shared = {dotted(one) for one in read.node.args} & {dotted(one) for one in write.node.args}
    arguments = [one for one in read.node.args if dotted(one) and dotted(one) in shared]
    if any(file.meanings.kind(one, read.function) in CONNECTIONS for one in arguments):
        return Confidence.MEDIUM if hides_errors(call) else Confidence.LOW
    return None


def _last(call: Call) -> str:
    return (dotted(call.node.func) or ("",))[-1]


def _name(started: Started) -> str:
    return started.function.name if started.function is not None else _last(started.coroutine)


def _report(file: PythonFile, call: Call, sure: Confidence, reader: str, writer: str) -> Report:
    happens = (
        f"this waits until both {reader!r} and {writer!r} have ended: when the connection ends, "
        f"{writer!r} goes on waiting for something to send, and nobody learns that nothing is "
        "received any more"
    )
    if sure is Confidence.MEDIUM and not hides_errors(call):
        happens = (
            f"when {reader!r} fails, {writer!r} is not ended: it goes on waiting, and takes what "
            "was meant for its successor on the next connection"
        )
    return file.report(
        call.node,
        happens,
        help="asyncio.TaskGroup, with a reader that raises at the end; or asyncio.wait(..., "
        "return_when=FIRST_COMPLETED), and cancel what is pending",
        confidence=sure,
    )


RULE = Rule(
    id="LW122",
    name="joined-sides",
    severity=Severity.WARNING,
    prevents=("heartbeat-not-wired-to-reader", "unsupervised-reader-task"),
    check=check,
)
