"""Futures that callers await are forgotten when the reader ends.

## What it does
Looks for a class that keeps futures in a dictionary, has them answered by a reader, and awaits them
without a limit of time, while nothing in the class fails or cancels those that are left.

## Why reception stops
When the connection ends, the reader ends, and the answers never come. Who has asked waits for ever;
often the very task that would connect anew is among them.

## Example
```python
async def ask(self, request):
    future = self.pending[request["id"]] = asyncio.get_running_loop().create_future()
    await self.ws.send(json.dumps(request))
    return await future

async def read(self):
    async for message in self.ws:
        answer = json.loads(message)
        self.pending.pop(answer["id"]).set_result(answer)
```

## Use instead
```python
async def read(self):
    try:
        async for message in self.ws:
            ...
    finally:
        for future in self.pending.values():
            if not future.done():
                future.set_exception(ConnectionError("the connection has ended"))
        self.pending.clear()
```
And a limit: `await asyncio.wait_for(future, 30)`.

## Limits
A class that gives its futures away, for another one to fail them, is reported all the same.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Binding, Class, Function


def check(file: PythonFile) -> Iterator[Report]:
    for made in file.module.classes.values():
        functions = made.functions.values()
        if not any(Role.RECEIVE in file.meanings.does(one) for one in functions):
            continue
        for name, bindings in made.attributes.items():
            waiting = [
                found
                for one in bindings
                if one.how == "holds"
                and file.meanings.kind(one.source, one.function) == "asyncio.future"
                for found in _waiting(file, one, name)
            ]
            if waiting and not _looked_through(file, made, name):
                for one in dict.fromkeys(waiting):
                    yield _report(file, one, name)


def _waiting(file: PythonFile, kept: Binding, attribute: str) -> Iterator[ast.Await]:
    """The awaits without a limit of a future, in the function that keeps it for the reader."""
    function = kept.function
    names = {
        name
        for name, bindings in function.bindings.items()
        if any(one.source is kept.source for one in bindings)
    }
    if isinstance(kept.source, ast.Name):
        names.add(kept.source.id)
    for statement in function.body:
        for one in ast.walk(statement):
            match one:
                case ast.Await(value=ast.Name(id=name)) if name in names:
                    pass
                case ast.Await(value=ast.Subscript(value=of)) if dotted(of) == ("self", attribute):
                    pass
                case _:
                    continue
            if not _limited(file, function, one):
                yield one


def _limited(file: PythonFile, function: Function, awaited: ast.Await) -> bool:
    return any(
        block.node.lineno <= awaited.lineno <= (block.node.end_lineno or 0)
        and isinstance(item.context_expr, ast.Call)
        and Role.LIMIT in file.meanings.known(file.module.calls[item.context_expr]).role
        for block in function.withs
        for item in block.node.items
    )


def _looked_through(file: PythonFile, made: Class, name: str) -> bool:
    """Whether anything in the class goes through all that is in an attribute."""
    return any(
        dotted(part) == ("self", name)
        for owner in file.meanings.lineage(made)
        for one in ast.walk(owner.node)
        if isinstance(one, (ast.For, ast.comprehension, ast.While))
        for part in ast.walk(one.test if isinstance(one, ast.While) else one.iter)
        if isinstance(part, ast.expr)
    )


def _report(file: PythonFile, awaited: ast.Await, name: str) -> Report:
    return file.report(
        awaited,
        f"the reader gives the answer by {name!r}: when the connection ends, nobody fails what is "
        "left there, and this waits for ever",
        help=f"in a finally of the reader, set an exception on each future of {name!r}; and limit "
        "the wait: asyncio.wait_for(future, ...)",
        confidence=Confidence.MEDIUM,
    )


RULE = Rule(
    id="LW124",
    name="forgotten-futures",
    severity=Severity.WARNING,
    prevents=("unsupervised-reader-task",),
    check=check,
)
