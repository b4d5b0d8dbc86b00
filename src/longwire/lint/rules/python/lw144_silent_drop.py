"""Messages are dropped without a trace when the queue is full.

## What it does
Looks for a handler of `asyncio.QueueFull` or `queue.Full` (or `contextlib.suppress` of it) around a
put that does nothing at all: no count, no line in the log, no room made for the new message. So
does an `if queue.full():` that only leaves.

## Why reception stops
It does not stop, and that is the harm: the connection is healthy, every check is green, and
messages are missing. Whoever keeps a book of orders or a state out of them is wrong from then on.

## Example
```python
try:
    self.queue.put_nowait(message)
except asyncio.QueueFull:
    pass
```

## Use instead
```python
try:
    self.queue.put_nowait(message)
except asyncio.QueueFull:
    self.dropped += 1
    self.queue.get_nowait()  # the oldest goes
    self.queue.put_nowait(message)
```
And show the count, or fetch a new snapshot when it has grown.

## Limits
A queue of one place is a signal, and dropping what is in it already loses nothing; so is a constant
that is put, such as None for the end.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.errors import EVERYTHING
from longwire.lint.python.guards import guards
from longwire.lint.python.queues import FULL, Bound, puts_at_once, queue_of, same_queue
from longwire.lint.python.readers import reads
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard
    from longwire.lint.python.records import Call


def check(file: PythonFile) -> Iterator[Report]:
    if file.is_test:
        return
    seen: set[ast.AST] = set()
    for call in file.calls(Role.PUT):
        guard = _silent(file, call)
        if guard is not None and guard.node not in seen and _is_message(file, call):
            seen.add(guard.node)
            yield _report(file, call, guard.node)
        left = _left(file, call)
        if left is not None and left not in seen and _is_message(file, call):
            seen.add(left)
            yield _report(file, call, left)


def _report(file: PythonFile, call: Call, node: ast.AST) -> Report:
    sure = reads(file, call.place)
    return file.report(
        node,
        "a message that finds the queue full is dropped here without a trace: the connection is "
        "healthy, and what it delivers has holes",
        help="count what is dropped and show the count; where the newest matters, take the oldest "
        "out and put the new one in",
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
    )


def _left(file: PythonFile, put: Call) -> ast.AST | None:
    """The test ``if queue.full():`` in front of a put, if all it does then is to leave."""
    for decision in put.function.decisions:
        node = decision.node
        if isinstance(node, ast.If) and not node.orelse and _does_nothing(node.body):
            test = file.module.calls.get(node.test) if isinstance(node.test, ast.Call) else None
            if test is not None and _asks_full(test) and same_queue(put, test, file.meanings):
                return node.test
    return None


def _asks_full(call: Call) -> bool:
    return isinstance(call.node.func, ast.Attribute) and call.node.func.attr == "full"


def _silent(file: PythonFile, call: Call) -> Guard | None:
    """The handler for a full queue only, if it does nothing."""
    caught = FULL | EVERYTHING
    guard = next((one for one in guards(call.place, file.meanings) if one.names & caught), None)
    if guard is None or not _does_nothing(guard.body):
        return None
    if not guard.names <= FULL and not _is_all(file, guard.statement, call):
        return None
    # Room has been made before, or there is another try.
    again = any(
        one is not call and one.statement is not call.statement
        for one in file.module.calls.values()
        if one.function is call.function and file.meanings.known(one).role & (Role.PUT | Role.TAKE)
    )
    return None if again else guard


def _is_all(file: PythonFile, statement: ast.stmt, put: Call) -> bool:
    """Whether a put is all that can fail in a statement: whatever is caught means a full queue."""
    return (
        puts_at_once(put, file.meanings)
        and isinstance(statement, ast.Try)
        and len(statement.body) == 1
        and statement.body[0] is put.statement
    )


def _does_nothing(body: Sequence[ast.stmt]) -> bool:
    return all(
        isinstance(one, ast.Pass | ast.Continue)
        or (isinstance(one, ast.Return) and one.value is None)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in body
    )


def _is_message(file: PythonFile, call: Call) -> bool:
    queue = queue_of(call, file.meanings)
    if queue is not None and queue.bound is not Bound.SOME:
        return False
    return bool(call.node.args) and not isinstance(call.node.args[0], ast.Constant)


RULE = Rule(
    id="LW144",
    name="silent-drop",
    severity=Severity.WARNING,
    prevents=("bounded-queue-overflow", "sequence-gap"),
    check=check,
)
