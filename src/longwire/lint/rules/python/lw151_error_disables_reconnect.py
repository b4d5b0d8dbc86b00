"""An error of the connection disables reconnection.

## What it does
Looks for an `on_error` callback of websocket-client that sets a flag which ends the reconnect loop:
one that the loop around `run_forever()`, or a branch of `on_close`, asks. So is `keep_running`.

## Why reception stops
websocket-client calls `on_error` for every end, a clean close of the server included, and only then
`on_close`. By then the flag is set: the first time that the network fails, or that the server
restarts, is the last.

## Example
```python
def on_error(self, ws, error):
    log.error(error)
    self.running = False

def run(self):
    while self.running:
        self.ws.run_forever(ping_interval=20, ping_timeout=10)
        time.sleep(1)
```

## Use instead
```python
def on_error(self, ws, error):
    log.error(error)
    if isinstance(error, websocket.WebSocketBadStatusException) and error.status_code == 401:
        self.running = False  # trying again does not help
```

## Limits
A flag that is set only in some cases, behind an `if`, is taken to know which.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.finding import Confidence, Severity
from longwire.lint.python.callbacks import callbacks
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role
from longwire.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Report
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Decision, Function

Path = tuple[str, ...]


def check(file: PythonFile) -> Iterator[Report]:
    handed = list(callbacks(file.meanings))
    if not any(one.name == "on_error" for one in handed):
        return
    closers = {one.function(file.meanings) for one in handed if one.name == "on_close"}
    asked = _asked(file, closers)
    seen: set[ast.AST] = set()
    for one in handed:
        function = one.function(file.meanings)
        if one.name != "on_error" or function is None:
            continue
        for node, path in _set_always(file, function):
            if node not in seen and (path in asked or path[-1] == "keep_running"):
                seen.add(node)
                yield file.report(
                    node,
                    f"websocket-client calls {function.name!r} at every end of a connection, a "
                    f"clean close included: {'.'.join(path)} is set here, and the first "
                    "interruption is the last",
                    help="only log here; set the flag where the program itself wants to stop, or "
                    "for errors that trying again cannot mend",
                    confidence=Confidence.HIGH,
                )


def _set_always(file: PythonFile, function: Function) -> Iterator[tuple[ast.AST, Path]]:
    """The flags that a function, or one that it calls, sets to a constant on all its ways."""
    where = [function]
    where += [
        called
        for call in function.calls
        if not call.place.branches and not call.place.tries
        if (called := file.meanings.called(call)) is not None
    ]
    for one in where:
        for store in one.stores:
            in_branch = store.place.branches or any(
                inside.part == "handler" for inside in store.place.tries
            )
            path = dotted(store.target)
            constant = isinstance(store.value, ast.Constant) and isinstance(store.value.value, bool)
            if constant and path and not in_branch and _outlives(path, one):
                yield store.node, path


def _outlives(path: Path, function: Function) -> bool:
    """Whether what is set is seen by others: an attribute, or a name that is declared global."""
    if len(path) > 1:
        return True
    return any(
        isinstance(one, ast.Global | ast.Nonlocal) and path[0] in one.names
        for statement in function.body
        for one in ast.walk(statement)
    )


def _asked(file: PythonFile, closers: set[Function | None]) -> set[Path]:
    """What is asked before a new connection is made."""
    found: set[Path] = set()
    for function in file.module.functions:
        for loop in function.loops:
            if isinstance(loop.node, ast.While) and Role.CONNECT in file.does_in(loop):
                found |= _paths(loop.node.test)
        for decision in function.decisions:
            if isinstance(decision.node, ast.If) and (
                function in closers or _leaves_a_reconnect_loop(file, decision)
            ):
                found |= _paths(decision.node.test)
    return found


def _leaves_a_reconnect_loop(file: PythonFile, decision: Decision) -> bool:
    loop = decision.place.loop
    return (
        loop is not None
        and Role.CONNECT in file.does_in(loop)
        and any(isinstance(one, ast.Break | ast.Return) for one in decision.node.body)
    )


def _paths(test: ast.expr) -> set[Path]:
    return {dotted(one) for one in ast.walk(test) if isinstance(one, ast.Name | ast.Attribute)} - {
        (),
        ("self",),
    }


RULE = Rule(
    id="LW151",
    name="error-disables-reconnect",
    severity=Severity.WARNING,
    prevents=("reconnect-gives-up",),
    check=check,
)
