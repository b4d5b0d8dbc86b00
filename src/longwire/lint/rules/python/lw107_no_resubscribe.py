"""A reconnect without the subscription.

## What it does
Looks for a loop that connects anew, and for a message that subscribes or logs in which is sent only
in front of it, or elsewhere, and by nothing that the loop does.

## Why reception stops
A server forgets a subscription with its connection. The new one is open, pings are answered, and
nothing arrives on it: nobody has asked for anything.

## Example
```python
ws = await websockets.connect(url)
await ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
while True:
    try:
        handle(await ws.recv())
    except websockets.ConnectionClosed:
        await asyncio.sleep(1)
        ws = await websockets.connect(url)
```

## Use instead
```python
while True:
    try:
        async with websockets.connect(url) as ws:
            await ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
            while True:
                handle(await ws.recv())
    except (OSError, websockets.WebSocketException):
        await asyncio.sleep(1)
```

## Limits
Anything that the loop sends counts as a subscription, and so does a function of another module that
is given the connection. Topics in the URL need none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.roles import Role
from longwire.lint.python.texts import texts_of
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Loop

_SUBSCRIBES: Final = re.compile(r"subscri|\bauth|log_?in|\bjoin\b", re.IGNORECASE)
_OPENS: Final = re.compile(r"^_*on_?(open|connect)", re.IGNORECASE)


def check(file: PythonFile) -> Iterator[Report]:
    for loop in file.reconnect_loops():
        if Role.SEND in file.does_in(loop) or _hands_over(file, loop) or _sends_when_open(file):
            continue
        outside = next((call for call in _near(file, loop) if _subscribes(file, call)), None)
        connect = next(
            (call for call in loop.calls if Role.CONNECT in file.meanings.role(call)), None
        )
        if outside is not None and connect is not None:
            yield file.report(
                connect.node,
                f"the subscription of line {outside.node.lineno} is not sent again on this new "
                "connection: it is open, and nothing arrives on it",
                help="subscribe right behind each connect, inside the loop",
                confidence=Confidence.MEDIUM,
            )


def _sends_when_open(file: PythonFile) -> bool:
    """Whether a callback for the opening sends: what, may be anything."""
    return any(
        _OPENS.search(function.name) and Role.SEND in file.meanings.does(function)
        for function in file.module.functions
    )


def _near(file: PythonFile, loop: Loop) -> Iterator[Call]:
    """The sends of the same function, and of the same class."""
    here = loop.place.function
    for call in file.calls(Role.SEND):
        if call.function is here or (here.owner and call.function.owner is here.owner):
            yield call


def _subscribes(file: PythonFile, call: Call) -> bool:
    return any(_SUBSCRIBES.search(text) for text in texts_of(call, file.meanings))


def _hands_over(file: PythonFile, loop: Loop) -> bool:
    """Whether something that is not known may send: it gets the connection, or has it."""
    for call in loop.calls:
        if file.meanings.known(call).role:
            continue
        if file.meanings.function(call.node.func, call.function) is None and any(
            file.meanings.kind(one, call.function) is not None for one in call.node.args
        ):
            return True
    return False


RULE = Rule(
    id="LW107",
    name="no-resubscribe",
    severity=Severity.WARNING,
    prevents=("lost-subscriptions",),
    check=check,
)
