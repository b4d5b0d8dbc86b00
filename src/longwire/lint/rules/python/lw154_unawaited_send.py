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
    known = file.meanings.known(call)
    if known.waits:
        if Role.GATHER in known.role:
            return None  # its coroutines run all the same
        if Role.CONNECT in known.role and file.is_test:
            return Confidence.LOW  # that its arguments are refused is often what is tested
        if file.meanings.connection(call) != "websocket?":
            return Confidence.HIGH
        return Confidence.MEDIUM if _awaited_elsewhere(file, call) else None
    called = file.meanings.function(call.node.func, call.function)
    if called is None or not called.is_async or getattr(called.node, "decorator_list", None):
        return None
    # It may be overridden by a plain method, but hardly is.
    return Confidence.HIGH if file.meanings.does(called) & _NEEDS else None


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
