"""A lock is held while a message is awaited, and the senders want the same lock.

## What it does
Looks for `async with lock` around a receive, where another place of the file sends under the same
lock without receiving.

## Why reception stops
Nobody can send until the next message comes. Where the peer waits for a message in turn (a
subscription, a heartbeat, an acknowledgement), both wait for ever, or until the peer gives up.

## Example
```python
async def read(self):
    while True:
        async with self.lock:
            message = await self.ws.recv()

async def send(self, text):
    async with self.lock:
        await self.ws.send(text)
```

## Use instead
One task receives, without a lock; only sends of several messages that belong together need one:
```python
async def read(self):
    async for message in self.ws:
        ...
```

## Limits
A lock that is held for a request and its answer everywhere is not reported, nor one that only
receivers take.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import With
_SENDS: Final = Role.SEND | Role.PING
_ASKS: Final = _SENDS | Role.CONNECT | Role.CLOSE


def check(file: PythonFile) -> Iterator[Report]:
    held = [one for function in file.module.functions for one in _held(file, function.withs)]
    for lock, block in held:
        # What is answered at once, to a request or a handshake, is awaited for a moment only.
        if _role(file, block) & (Role.RECEIVE | _ASKS) != Role.RECEIVE:
            continue
        senders = [
            other
            for name, other in held
            if name == lock
            and other is not block
            and other.place.function is not block.place.function
            and _role(file, other) & _SENDS
            and Role.RECEIVE not in _role(file, other)
        ]
        if senders:
            yield file.report(
                block.node.items[0].context_expr,
                f"{lock[-1]!r} is held here until a message comes, and "
                f"{senders[0].place.function.name!r} wants it to send: nobody can send before the "
                "peer does, and where the peer waits for that, nothing moves any more",
                help="receive without the lock, in one task; take it only around sends that belong "
                "together",
                confidence=Confidence.HIGH,
            )


def _held(file: PythonFile, blocks: list[With]) -> Iterator[tuple[tuple[str | None, ...], With]]:
    for block in blocks:
        for item in block.node.items:
            function = block.place.function
            parts = dotted(item.context_expr)
            if parts and isinstance(block.node, ast.AsyncWith):
                kind = file.meanings.kind(item.context_expr, function)
                if kind == "asyncio.lock":
                    owner = function.owner.name if function.owner is not None else None
                    yield (owner, *parts), block


def _role(file: PythonFile, block: With) -> Role:
    """What is done while the lock is held."""
    role = Role.NONE
    for call in block.place.function.calls:
        if block in call.place.withs:
            role |= file.meanings.role(call)
    if any(
        block in loop.place.withs and file.meanings.received_over(loop)
        for loop in block.place.function.loops
    ):
        role |= Role.RECEIVE
    return role


RULE = Rule(
    id="LW125",
    name="lock-over-receive",
    severity=Severity.WARNING,
    prevents=("no-concurrent-reader", "heartbeat-starved-by-data"),
    check=check,
)
