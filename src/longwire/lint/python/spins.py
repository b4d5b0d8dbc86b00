"""Loops that do nothing but ask whether they may go on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Loop

_ASKS: Final = frozenset(
    {
        "is_set",
        "empty",
        "qsize",
        "full",
        "is_alive",
        "done",
        "cancelled",
        "locked",
        "time",
        "monotonic",
        "perf_counter",
        "is_connected",
        "is_open",
        "is_closed",
        "is_running",
        "len",
        "bool",
        "any",
        "all",
        "isinstance",
        "hasattr",
        "getattr",
        "get",
    }
)
"""Functions and methods that only tell something."""
_POLLS: Final = frozenset({"empty", "qsize", "get_nowait", "full"})


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def only_asks(test: ast.expr) -> bool:
    """Whether finding out a condition changes nothing."""
    return all(
        not isinstance(one, (ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom))
        and not (isinstance(one, ast.Call) and _name(one) not in _ASKS)
        for one in ast.walk(test)
    )


def is_hollow(loop: Loop, file: PythonFile) -> bool:
    """Whether a loop has nothing in it but conditions that are asked, and ``sleep(0)``.

    What it does where one of them holds is of no matter. In a plain function, where a condition may
    change by what another thread does, it is not hollow if it has any.
    """
    node = loop.node
    if not isinstance(node, ast.While) or not only_asks(node.test):
        return False
    conditions = file.graph.on_event_loop(loop.place.function)
    return all(_does_nothing(one, file, conditions=conditions) for one in node.body)


def has_conditions(loop: Loop) -> bool:
    """Whether there is a condition in the body of a loop."""
    return any(isinstance(one, ast.If) for one in loop.node.body)


def _does_nothing(statement: ast.stmt, file: PythonFile, *, conditions: bool) -> bool:
    match statement:
        case ast.Pass() | ast.Continue() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Await() | ast.Call()):
            calls = file.module.calls_in(statement)
            return len(calls) == 1 and file.meanings.known(calls[0]).role is Role.YIELD
        case ast.If(test=test, orelse=orelse):
            return (
                conditions
                and only_asks(test)
                and all(_does_nothing(one, file, conditions=conditions) for one in orelse)
            )
    return False


def asked_queue(loop: Loop, file: PythonFile) -> Call | None:
    """A call inside the loop that asks a queue, and does not wait."""
    for call in loop.calls:
        func = call.node.func
        if (
            isinstance(func, ast.Attribute)
            and func.attr in _POLLS
            and call.statement is not loop.node
            and file.meanings.kind(func.value, call.function) in ("queue", "asyncio.queue")
        ):
            return call
    return None


def asked_before(call: Call) -> bool:
    """Whether a condition around it, or before it, asks the same object."""
    owner = dotted(call.node.func)[:-1]
    asks = {"empty", "qsize", "full", "done", "is_set", "locked", "is_alive"}
    return any(
        isinstance(one, (ast.If, ast.While, ast.IfExp, ast.Assert))
        and one.lineno <= call.node.lineno
        and any(
            isinstance(part, ast.Attribute) and part.attr in asks and dotted(part)[:-1] == owner
            for part in ast.walk(one.test)
        )
        for statement in call.function.body
        for one in ast.walk(statement)
    )


def may_wait(loop: Loop, file: PythonFile) -> bool:
    """Whether a loop calls something unknown, apart from where it has taken something to do."""
    handled = {
        id(call)
        for block in _blocks(loop.node.body)
        if _takes(block, file)
        for call in _calls(block)
    }
    return any(
        id(call.node) not in handled
        and not file.meanings.role(call)
        and _name(call.node) not in _ASKS | {"get_nowait", "print"}
        for call in loop.calls
    )


def _blocks(statements: list[ast.stmt]) -> Iterable[list[ast.stmt]]:
    yield statements
    for statement in statements:
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(statement, field, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                yield from _blocks(inner)


def _takes(block: list[ast.stmt], file: PythonFile) -> bool:
    return any(
        Role.TAKE in file.meanings.known(call).role
        for statement in block
        for call in file.module.calls_in(statement)
    )


def _calls(block: list[ast.stmt]) -> Iterable[ast.Call]:
    return (one for statement in block for one in ast.walk(statement) if isinstance(one, ast.Call))


def released_soon(acquire: Call) -> bool:
    """Whether the same function lets go of a lock again, without an await between."""
    owner = dotted(acquire.node.func)[:-1]
    releases = [
        one.node.lineno
        for one in acquire.function.calls
        if dotted(one.node.func) == (*owner, "release")
    ]
    return bool(releases) and not any(
        isinstance(one, ast.Await) and acquire.node.lineno <= one.lineno <= max(releases)
        for statement in acquire.function.body
        for one in ast.walk(statement)
    )


def returns_at_once(node: ast.Call) -> bool:
    """Whether a call such as ``get`` or ``acquire`` is told not to wait."""
    words = ("block", "blocking", "timeout")
    values = [*node.args, *(one.value for one in node.keywords if one.arg in words)]
    return any(
        isinstance(one, ast.Constant) and (one.value is False or one.value == 0) for one in values
    )


def has_timeout(node: ast.Call) -> bool:
    """Whether a call that waits has a limit of time: an argument of that name, or a number."""
    return any(one.arg == "timeout" for one in node.keywords) or any(
        isinstance(one, ast.Constant) and isinstance(one.value, (int, float)) for one in node.args
    )
