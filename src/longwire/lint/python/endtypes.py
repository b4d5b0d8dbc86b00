"""What is done with a message of type CLOSED, by which aiohttp tells the end of a connection."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from longwire.lint.python.records import Loop

_ENDS: Final = frozenset({"CLOSED", "closed"})
_CLOSED: Final = 0x101
"""``WSMsgType.CLOSED`` as a number."""


def at_the_end(loop: Loop, message: str) -> dict[ast.stmt, list[ast.stmt]]:
    """What is run for a message of type CLOSED, by each statement that asks for the type.

    Empty, where nothing in a loop asks for it.

    Args:
        loop: A loop that receives a message.
        message: The name of the message.
    """
    found: dict[ast.stmt, list[ast.stmt]] = {}
    for statement in loop.node.body:
        for one in ast.walk(statement):
            if isinstance(one, ast.If):
                holds = _holds(one.test, message)
                if holds is not None:
                    found[one] = one.body if holds else one.orelse
            elif isinstance(one, ast.Match) and _is_type(one.subject, message):
                case = next((case for case in one.cases if _fits(case.pattern)), None)
                found[one] = [] if case is None else case.body
    return _raising(loop, message) | found if found else found


def _raising(loop: Loop, message: str) -> dict[ast.stmt, list[ast.stmt]]:
    """The statements that parse a message, which raises for one of type CLOSED."""
    return {
        call.statement: [ast.Raise()]
        for call in loop.place.function.calls
        if loop in call.place.loops
        and _parses(call.node, message)
        and not any(
            one.part == "body" and loop in one.block.place.loops for one in call.place.tries
        )
    }


def _parses(node: ast.Call, message: str) -> bool:
    """Whether a call is ``message.json()`` or ``json.loads(message.data)``."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="json")):
            return name == message
        case ast.Call(
            func=ast.Attribute(attr="loads"),
            args=[ast.Attribute(value=ast.Name(id=name), attr="data"), *_],
        ):
            return name == message
    return False


def _holds(test: ast.expr, message: str) -> bool | None:
    """Whether a condition is true for the end; None, where it does not depend on it alone."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            holds = _holds(inner, message)
            return None if holds is None else not holds
        case ast.BoolOp(op=op, values=values):
            all_hold = [_holds(one, message) for one in values]
            decisive = isinstance(op, ast.Or)
            if decisive in all_hold:
                return decisive
            return None if None in all_hold else not decisive
        case ast.Compare(left=left, ops=[op], comparators=[right]) if _is_type(left, message):
            return _has_end(right) == isinstance(op, ast.Eq | ast.Is | ast.In)
        case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=None)]) if _is_part(
            left, message, "data"
        ):
            return isinstance(op, ast.Is | ast.Eq)
        case ast.Attribute() if _is_part(test, message, "data"):
            return False
    return None


def _is_type(expression: ast.expr, message: str) -> bool:
    return _is_part(expression, message, "type", "tp")


def _is_part(expression: ast.expr, message: str, *names: str) -> bool:
    match expression:
        case ast.Attribute(value=ast.Name(id=name), attr=attr):
            return name == message and attr in names
    return False


def _has_end(expression: ast.AST) -> bool:
    return any(
        (isinstance(one, ast.Attribute) and one.attr in _ENDS)
        or (isinstance(one, ast.Name) and one.id.upper() == one.id and one.id in _ENDS)
        or (isinstance(one, ast.Constant) and one.value == _CLOSED)
        for one in ast.walk(expression)
    )


def _fits(pattern: ast.pattern) -> bool:
    is_any = isinstance(pattern, ast.MatchAs) and pattern.pattern is None
    return is_any or _has_end(pattern)
