"""What belongs to an event loop is used from another thread.

## What it does
Looks for `asyncio.run` over a method of a connection that was made elsewhere; and, in functions
that run in threads, for calls that only the thread of the event loop may make: `put_nowait` of an
`asyncio.Queue`, `set` of an `asyncio.Event`, `create_task`, `call_soon`.

## Why reception stops
A connection belongs to the event loop in which it was made. In another one, its waits never end, or
raise; two threads that write at once mix their frames. And a loop that is not told by the one
threadsafe way does not wake up: what was put into the queue is seen only when something else
happens.

## Example
```python
def on_price(self, price):                      # called in a thread
    asyncio.run(self.ws.send(json.dumps(price)))
```

## Use instead
```python
def on_price(self, price):
    asyncio.run_coroutine_threadsafe(self.ws.send(json.dumps(price)), self.loop)

# for queues and events: self.loop.call_soon_threadsafe(self.queue.put_nowait, price)
```

## Limits
That a function runs in a thread is known only where the same file starts that thread. One with an
event loop of its own is passed over.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.openers import kept_connections
from longwire.lint.python.roles import Role
from longwire.lint.python.sockets import ASYNC_CONNECTIONS
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call

_USES: Final = Role.SEND | Role.RECEIVE | Role.PING | Role.CLOSE
_ONLY_THERE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "asyncio.queue": frozenset({"put_nowait", "get_nowait"}),
        "asyncio.event": frozenset({"set", "clear"}),
        "asyncio.future": frozenset({"set_result", "set_exception"}),
        "asyncio.loop": frozenset({"create_task", "call_soon", "call_later"}),
    }
)


def check(file: PythonFile) -> Iterator[Report]:
    for call in file.module.calls.values():
        if file.meanings.name(call.node.func, call.function) == "asyncio.run":
            yield from _of_run(file, call)
    for function in file.tasks.in_threads:
        for call in function.calls:
            yield from _in_thread(file, call)


def _of_run(file: PythonFile, call: Call) -> Iterator[Report]:
    match call.node.args:
        case [ast.Call() as made, *_]:
            coroutine = file.module.calls[made]
        case _:
            return
    kind = file.meanings.connection(coroutine)
    if kind in ASYNC_CONNECTIONS and file.meanings.known(coroutine).role & _USES:
        yield _report(file, call, ".".join(dotted(made.func)), kind != "websocket?")
        return
    function = file.meanings.function(made.func, coroutine.function)
    if function is None or Role.CONNECT in file.meanings.does(function):
        return
    # What runs from the program's own statements is the program, with all that it serves.
    for used in kept_connections(function, file, 0 if call.function.outer is None else 3):
        yield _report(file, call, used, sure=False)
        return


def _report(file: PythonFile, call: Call, used: str, sure: bool) -> Report:  # noqa: FBT001 - one of two
    return file.report(
        call.node,
        f"asyncio.run makes an event loop of its own for {used!r}, whose connection belongs to "
        "another: it fails, or waits for ever, and may mix its frames with those of the other",
        help="asyncio.run_coroutine_threadsafe(..., loop), with the loop in which the connection "
        "was made",
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
    )


def _in_thread(file: PythonFile, call: Call) -> Iterator[Report]:
    name = file.meanings.name(call.node.func, call.function)
    func = call.node.func
    kind = None
    if isinstance(func, ast.Attribute):
        kind = file.meanings.kind(func.value, call.function)
    if name not in ("asyncio.create_task", "asyncio.ensure_future") and not (
        kind is not None
        and isinstance(func, ast.Attribute)
        and func.attr in _ONLY_THERE.get(kind, frozenset())
    ):
        return
    written = ".".join(dotted(func)) or "this"
    by = file.tasks.in_threads[call.function]
    yield file.report(
        call.node,
        f"{call.function.name!r} runs in a thread ({by}), where {written} may not be called: the "
        "event loop is not woken, and sees it when something else happens, or never",
        help="loop.call_soon_threadsafe(...) for queues and events, "
        "asyncio.run_coroutine_threadsafe(...) for coroutines",
        confidence=Confidence.MEDIUM if kind == "asyncio.loop" else Confidence.HIGH,
    )


RULE = Rule(
    id="LW156",
    name="foreign-thread",
    severity=Severity.ERROR,
    prevents=("cross-thread-access",),
    check=check,
)
