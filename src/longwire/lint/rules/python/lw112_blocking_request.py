"""A blocking HTTP request in a coroutine.

## What it does
Looks for calls of `requests`, `urllib`, `urllib3`, `http.client`, of the blocking half of `httpx`,
and of kits such as `openai.OpenAI` and `boto3`, in an `async def`, or in a function of the same
file that one calls.

## Why reception stops
The request keeps the thread, and the event loop with it, until the answer is there: nothing is
received and no ping is answered. A slow or dead HTTP server so takes the connection with it: the
peer gets no pong in time, and ends it.

## Example
```python
async for message in ws:
    requests.post(HOOK, json={"text": message})
```

## Use instead
```python
async with httpx.AsyncClient(timeout=10) as http:
    async for message in ws:
        await http.post(HOOK, json={"text": message})
```
Or `await asyncio.to_thread(requests.post, HOOK, json=..., timeout=10)`.

## Limits
A function of another file that sends requests is not seen. What is handed to a thread is not
reported.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.file import by_way_of
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function

_PACKAGES: Final = ("requests.", "httpx.", "urllib.", "urllib3.", "http.", "openai.")
_KINDS: Final = frozenset({"requests.session", "http.client", "sdk"})


def check(file: PythonFile) -> Iterator[Report]:
    for call, by in file.blocking_in_event_loop():
        if not _is_request(file, call):
            continue
        written = ".".join(dotted(call.node.func)) or call.node.func.attr  # type: ignore[attr-defined]
        way = by_way_of(by)
        limit = any(one.arg == "timeout" for one in call.node.keywords)
        until = "until the answer is there" if limit else "until the answer is there, if ever"
        yield file.report(
            call.node,
            f"{written}{way} stops the whole event loop {until}: nothing is received, and no ping "
            "is answered",
            help="await it: httpx.AsyncClient, aiohttp, or the asynchronous client of the kit; or "
            "await asyncio.to_thread(...)",
            confidence=_confidence(file, call, by),
        )


def _is_request(file: PythonFile, call: Call) -> bool:
    name = file.meanings.name(call.node.func, call.function)
    if name is not None and name.startswith(_PACKAGES):
        return True
    func = call.node.func
    return isinstance(func, ast.Attribute) and (
        file.meanings.kind(func.value, call.function) in _KINDS
    )


def _confidence(file: PythonFile, call: Call, by: Function | None) -> Confidence:
    direct = by is None or any(
        file.meanings.function(one.node.func, by) is call.function for one in by.calls
    )
    coroutine = call.function if by is None else by
    if file.messages.between(call) is None and _prepares(file, coroutine):
        # Before there is a connection it harms others only, if there are any.
        return Confidence.LOW if file.graph.is_main(coroutine) else Confidence.MEDIUM
    return Confidence.HIGH if direct else Confidence.MEDIUM


def _prepares(file: PythonFile, coroutine: Function) -> bool:
    """Whether all that blocks in a coroutine is before it connects, once."""
    roles = [(one, file.meanings.role(one)) for one in coroutine.calls]
    connects = [one.node.lineno for one, role in roles if Role.CONNECT in role]
    return bool(connects) and all(
        one.node.lineno < min(connects) and not one.place.loops
        for one, role in roles
        if Role.BLOCK in role and Role.CONNECT not in role
    )


RULE = Rule(
    id="LW112",
    name="blocking-request",
    severity=Severity.ERROR,
    prevents=("blocked-event-loop",),
    check=check,
)
