"""A blocking WebSocket client in a coroutine.

## What it does
Looks for calls that connect or receive with `websocket-client`, `websockets.sync` or
`simple_websocket` in an `async def`, or in a function of the same file that one calls.

## Why reception stops
The call keeps the thread, and the event loop with it: `recv` until the next message comes, and
`run_forever` for the life of the connection. Every other connection and task of that loop stands
still meanwhile; their peers get no pong, and end them.

## Example
```python
async def feed(url):
    ws = websocket.create_connection(url)
    while True:
        await handle(ws.recv())
```

## Use instead
```python
async def feed(url):
    async for message in longwire.connect(url):
        await handle(message)
```
Or run the blocking client in a thread of its own, and hand its messages over by
`loop.call_soon_threadsafe(queue.put_nowait, message)`.

## Limits
A blocking send is not reported: it rarely waits. `run_forever` with a dispatcher returns at once,
and is not reported either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.file import by_way_of
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.python.sockets import SYNC_CONNECTIONS
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function

_CONNECTS: Final = frozenset(
    {
        "websocket.create_connection",
        "websockets.sync.connect",
        "websockets.sync.unix_connect",
        "longwire.sync.connect",
        "simple_websocket.Client.connect",
    }
)


def check(file: PythonFile) -> Iterator[Report]:
    for call in file.calls(Role.RECEIVE | Role.CONNECT):
        if call.awaited or not _blocks(file, call):
            continue
        by: Function | None = None
        if not file.graph.on_event_loop(call.function):
            by = file.graph.called_in_event_loop(call.function)
            if by is None:
                continue
        written = ".".join(dotted(call.node.func)) or "this call"
        role = file.meanings.known(call).role
        until = "until a message comes"
        if Role.CONNECT in role:
            until = "until it is connected"
            if Role.RECEIVE in role:
                until = "as long as the connection lasts"
        way = by_way_of(by)
        yield file.report(
            call.node,
            f"{written}{way} is of a blocking client, and keeps the event loop {until}: meanwhile "
            "no other task runs and no other connection is served",
            help="use an asynchronous client here, or run this one in a thread of its own",
            confidence=_confidence(file, by),
        )


def _confidence(file: PythonFile, by: Function | None) -> Confidence:
    if file.is_test:
        return Confidence.LOW  # nothing else runs there that could suffer
    return Confidence.HIGH if by is None else Confidence.MEDIUM


def _blocks(file: PythonFile, call: Call) -> bool:
    if file.meanings.name(call.node.func, call.function) in _CONNECTS:
        return True
    if Role.BLOCK in file.meanings.known(call).role:  # connect, run_forever
        return not any(one.arg == "dispatcher" for one in call.node.keywords)
    return file.meanings.connection(call) in SYNC_CONNECTIONS


RULE = Rule(
    id="LW114",
    name="blocking-client",
    severity=Severity.ERROR,
    prevents=("blocked-event-loop",),
    check=check,
)
