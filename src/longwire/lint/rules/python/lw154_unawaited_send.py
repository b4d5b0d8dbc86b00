"""A coroutine of a connection is called, and not awaited.

## What it does
Looks for calls such as `ws.send(...)`, `ws.close()`, `queue.put(...)` or `asyncio.sleep(...)` whose
result, a coroutine, is thrown away; and for the same with a coroutine function of the same file
that sends or receives.

## Why reception stops
Nothing is sent: calling a coroutine function does nothing but make a coroutine. A subscription that
never leaves is never answered; a connection that is not closed goes on. Python warns when the
coroutine is collected, on standard error, once.

## Example
```python
async def subscribe(self, channel):
    self.ws.send(json.dumps({"op": "subscribe", "channel": channel}))
```

## Use instead
```python
async def subscribe(self, channel):
    await self.ws.send(json.dumps({"op": "subscribe", "channel": channel}))
```

## Limits
Of a value that is called `ws`, and of which nothing else is known, it is found only in coroutines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call

_NEEDS: Final = Role.SEND | Role.RECEIVE | Role.CLOSE | Role.CONNECT | Role.PING
_PLAIN: Final = ("websocket.", "websockets.sync", "simple_websocket", "flask_sock", "tornado")
"""Libraries whose methods are no coroutines, or not all."""


_SENDS: Final = re.compile(r"_*(send|close|ping)(_|$)")


def check(file: PythonFile) -> Iterator[Report]:
    for call in file.module.calls.values():
        if call.discarded and not call.awaited:
            confidence = _confidence(file, call)
            if confidence is not None:
                written = ".".join(dotted(call.node.func)) or "this"
                yield file.report(
                    call.node,
                    f"{written}(...) only makes a coroutine, which nobody awaits: "
                    f"{_what(file, call)}, and no error says so",
                    help=f"await {written}(...)"
                    if call.function.is_async
                    else f"make this function a coroutine, and await {written}(...); from another "
                    "thread, asyncio.run_coroutine_threadsafe",
                    confidence=confidence,
                )


def _confidence(file: PythonFile, call: Call) -> Confidence | None:
    if file.meanings.known(call).waits:
        return _of_library(file, call)
    called = file.meanings.function(call.node.func, call.function)
    if called is None:
        return Confidence.MEDIUM if _is_awaited_once(file, call) else None
    if not called.is_async or getattr(called.node, "decorator_list", None):
        return None
    # It may be overridden by a plain method, but hardly is.
    return Confidence.HIGH if file.meanings.does(called) & _NEEDS else None


def _of_library(file: PythonFile, call: Call) -> Confidence | None:
    role = file.meanings.known(call).role
    if Role.GATHER in role:
        return None  # its coroutines run all the same
    if Role.CONNECT in role and file.is_test:
        return Confidence.LOW  # that its arguments are refused is often what is tested
    if file.meanings.connection(call) != "websocket?":
        return Confidence.HIGH
    return Confidence.MEDIUM if _awaited_elsewhere(file, call) else None


def _is_awaited_once(file: PythonFile, call: Call) -> bool:
    """Whether a send of something unknown is awaited in another place: of the same value."""
    path = dotted(call.node.func)
    return (
        call.function.is_async
        and path[-1:] != ()
        and _SENDS.match(path[-1]) is not None
        and any(
            one.awaited
            and dotted(one.node.func) == path
            and (
                one.function is call.function
                or (path[0] == "self" and one.function.owner is call.function.owner)
            )
            for one in file.module.calls.values()
        )
    )


def _awaited_elsewhere(file: PythonFile, call: Call) -> bool:
    """Whether another method of the same value is awaited in the same coroutine."""
    if not call.function.is_async or any(
        one.startswith(_PLAIN) for one in file.module.imported.values()
    ):
        return False
    owner = dotted(call.node.func)[:-1]
    return any(one.awaited and dotted(one.node.func)[:-1] == owner for one in call.function.calls)


def _what(file: PythonFile, call: Call) -> str:
    role = file.meanings.role(call)
    for one, what in (
        (Role.RECEIVE, "nothing is received"),
        (Role.SEND, "nothing is sent"),
        (Role.PING, "no ping is sent"),
        (Role.CLOSE, "the connection stays open"),
        (Role.PUT, "nothing is put into the queue"),
    ):
        if one in role:
            return what
    return "nothing happens"


RULE = Rule(
    id="LW154",
    name="unawaited-send",
    severity=Severity.ERROR,
    prevents=("lost-subscriptions", "connection-leak"),
    check=check,
)
