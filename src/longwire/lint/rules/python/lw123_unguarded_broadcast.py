"""A broadcast that one client stops.

## What it does
Looks for a loop over connections that awaits a send to each, without a handler inside the loop; and
for a `gather` of such sends without `return_exceptions=True` that nothing guards. And for guarded
ones that take the dead out of the very collection which the loop goes over.

## Why reception stops
The first client that is gone raises, and the loop is left: those behind it get nothing, each time
anew, until the dead one is removed; where the broadcaster is a task, it dies. A client that lives
but does not read holds up all behind it. And where clients come and go while the loop awaits, it
fails, because what it iterates over has changed.

## Example
```python
for client in self.clients:
    await client.send(message)
```

## Use instead
```python
websockets.broadcast(self.clients, message)  # does not wait, and passes over the dead

for client in list(self.clients):
    try:
        await asyncio.wait_for(client.send(message), 5)
    except (TimeoutError, ConnectionClosed):
        self.clients.discard(client)
```

## Limits
Connections of a client to several servers are passed over: there an error is often wanted.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.broadcasts import (
    changes_meanwhile,
    ends_more,
    gather_of,
    is_guarded,
    over_connections,
)
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.python.sockets import ASYNC_CONNECTIONS
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Loop

_COPIES: Final = {(name,) for name in ("list", "tuple", "set", "sorted", "copy", "frozenset")}


def check(file: PythonFile) -> Iterator[Report]:
    seen: set[Loop] = set()
    for call in file.calls(Role.SEND):
        kind = file.meanings.connection(call)
        if kind not in ASYNC_CONNECTIONS or not file.serves(kind):
            continue
        if call.awaited:
            loop = over_connections(call, file)
            if loop is None or loop in seen:
                continue
            seen.add(loop)
            if not is_guarded(file, call.place, kind, loop):
                yield _of_loop(file, call, loop, kind)
            elif changes_meanwhile(loop, file):
                yield _of_change(file, call)
        else:
            gather = gather_of(call, file)
            if gather is None:
                continue
            if file.meanings.name(gather.node.func, gather.function) == "asyncio.wait":
                yield _of_wait(file, gather)
            elif not is_guarded(file, gather.place, kind):
                yield _of_gather(file, gather, kind)


def _of_loop(file: PythonFile, call: Call, loop: Loop, kind: str) -> Report:
    iterated = loop.node.iter  # type: ignore[union-attr]
    copied = isinstance(iterated, ast.Call) and dotted(iterated.func)[-1:] in _COPIES
    changes = "" if copied else "; a client that comes or goes meanwhile ends the loop, too"
    return file.report(
        call.node,
        "the first client that is gone ends this loop, and those behind it get nothing; one that "
        f"does not read holds up all of them{changes}",
        help="guard each send, with a timeout, over a copy of the clients; or websockets.broadcast",
        confidence=Confidence.HIGH if kind != "websocket?" else Confidence.MEDIUM,
    )


def _of_change(file: PythonFile, call: Call) -> Report:
    return file.report(
        call.node,
        "what this loop goes over is changed inside it when a client is gone: of a list it passes "
        "over the next client, a set or a dict ends it with an error, and those behind get nothing",
        help="go over a copy: for client in list(clients)",
        confidence=Confidence.MEDIUM,
    )


def _of_wait(file: PythonFile, gather: Call) -> Report:
    return file.report(
        gather.node,
        "asyncio.wait takes no coroutines since Python 3.11: this raises TypeError, nobody gets "
        "anything, and whoever broadcasts here ends",
        help="websockets.broadcast(clients, message); or asyncio.gather(..., "
        "return_exceptions=True), and look at what it gives",
        confidence=Confidence.LOW if file.is_test else Confidence.HIGH,
    )


def _of_gather(file: PythonFile, gather: Call, kind: str) -> Report:
    return file.report(
        gather.node,
        "the first client that is gone makes this raise: whoever broadcasts here ends with it, and "
        "one that does not read holds it up",
        help="gather(..., return_exceptions=True), look at what it gives, and set a timeout",
        confidence=Confidence.MEDIUM if ends_more(file, gather.place, kind) else Confidence.LOW,
    )


RULE = Rule(
    id="LW123",
    name="unguarded-broadcast",
    severity=Severity.WARNING,
    prevents=("head-of-line-broadcast", "broadcast-iteration-crash"),
    check=check,
)
