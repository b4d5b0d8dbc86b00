"""The reply to a subscription is thrown away.

## What it does
Looks for a message that subscribes or logs in, and for the receive behind it whose result nobody
looks at: it is a statement of its own, its name is never read again, or it is only printed.

## Why reception stops
When the server refuses, for a wrong topic, an expired key, or too many subscriptions, it says so in
that very reply. The program goes on to its receive loop and waits there for data that will never
come, on a connection that is alive in every other respect.

## Example
```python
await ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
await ws.recv()
while True:
    handle(await ws.recv())
```

## Use instead
```python
await ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
async with asyncio.timeout(10):
    reply = json.loads(await ws.recv())
if not reply.get("success"):
    raise SubscriptionRefused(reply)
```

## Limits
Only a reply that is received right there is looked at; whether a receive loop looks for errors is
not seen. So this is an info.
"""

from __future__ import annotations

import ast
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
    from longwire.lint.python.records import Call

_SUBSCRIBES: Final = re.compile(r"(?<!un)subscri|\bauth|log_?in\b", re.IGNORECASE)


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    for send in file.calls(Role.SEND):
        texts = texts_of(send, file.meanings)
        if not any(_SUBSCRIBES.search(text) for text in texts):
            continue
        reply = _reply(file, send)
        if reply is not None and _is_thrown_away(file, reply):
            yield file.report(
                reply.node,
                f"the reply to the request of line {send.node.lineno} is thrown away: when the "
                "server refuses it, the connection stays open and nothing ever arrives",
                help="read the reply, and raise when it is not what a success looks like",
                confidence=Confidence.MEDIUM,
            )


def _reply(file: PythonFile, send: Call) -> Call | None:
    """The receive in the statement right behind a send."""
    following = file.following(send.statement)
    while following is not None and _only_logs(file, following):
        following = file.following(following)
    if following is None or not isinstance(following, ast.Expr | ast.Assign):
        return None
    return next(
        (
            call
            for call in file.module.calls_in(following)
            if Role.RECEIVE in file.meanings.known(call).role
            and call.function is send.function
            and file.meanings.connection(call) is not None
        ),
        None,
    )


def _only_logs(file: PythonFile, statement: ast.stmt) -> bool:
    calls = file.module.calls_in(statement)
    return isinstance(statement, ast.Expr) and any(
        file.meanings.known(call).role & (Role.LOG | Role.QUIET_LOG) for call in calls
    )


def _is_thrown_away(file: PythonFile, reply: Call) -> bool:
    match reply.statement:
        case ast.Expr(value=ast.Await() | ast.Call() as value):
            inner = value.value if isinstance(value, ast.Await) else value
            # Right there, or with a limit of time around it.
            return inner is reply.node or _is_limit(file, inner, reply)
        case ast.Assign(targets=[ast.Name(id=name)]):
            return not _is_read(file, reply, name)
    return False


def _is_limit(file: PythonFile, outer: ast.expr, reply: Call) -> bool:
    call = file.module.calls.get(outer) if isinstance(outer, ast.Call) else None
    return (
        call is not None
        and call.node is reply.parent
        and Role.LIMIT in (file.meanings.known(call).role)
    )


def _is_read(file: PythonFile, reply: Call, name: str) -> bool:
    """Whether anything but a line of text is made of a name in its function."""
    printed = {
        id(one)
        for call in reply.function.calls
        if file.meanings.known(call).role & (Role.LOG | Role.QUIET_LOG)
        for one in ast.walk(call.node)
    }
    return any(
        isinstance(one, ast.Name)
        and one.id == name
        and isinstance(one.ctx, ast.Load)
        and id(one) not in printed
        for statement in reply.function.body
        for one in ast.walk(statement)
    )


RULE = Rule(
    id="LW159",
    name="reply-not-checked",
    severity=Severity.INFO,
    prevents=("subscription-not-confirmed",),
    check=check,
)
