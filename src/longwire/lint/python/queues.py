"""The queues of a module: where each is made, and how much goes into it."""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.python.liveness import keyword
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Call, Function

KINDS: Final = frozenset({"asyncio.queue", "queue"})
FULL: Final = frozenset({"asyncio.QueueFull", "queue.Full", "QueueFull", "Full"})
"""The errors by which a queue says that it is full."""
_ALWAYS_UNBOUNDED: Final = "SimpleQueue"
_DEEP: Final = 3


class Bound(enum.Enum):
    """How much goes into a queue."""

    NONE = "as much as there is memory"
    ONE = "one: what is put into it is a signal, or the latest value"
    SOME = "so much and no more"


class Queue(NamedTuple):
    """A queue, by where it is made.

    Attributes:
        node: The call that makes it.
        bound: How much goes into it.
    """

    node: ast.Call
    bound: Bound


def queue_of(call: Call, meanings: Meanings) -> Queue | None:
    """The queue that a call is a method of; None, where it is not seen to be made."""
    if not isinstance(call.node.func, ast.Attribute):
        return None
    receiver = call.node.func.value
    if meanings.kind(receiver, call.function) not in KINDS:
        return None
    return next(_made(receiver, call.function, meanings, _DEEP), None)


def _made(
    expression: ast.expr, function: Function, meanings: Meanings, deep: int
) -> Iterator[Queue]:
    """The calls that make what an expression may be."""
    if isinstance(expression, ast.Call):
        queue = _queue(expression, meanings)
        if queue is not None:
            yield queue
        return
    if deep == 0:
        return
    for binding in meanings.bindings(expression, function):
        if binding.how == "is":
            yield from _made(binding.source, binding.function, meanings, deep - 1)
    if isinstance(expression, ast.Name):
        for given, caller in meanings.handed.values(function, expression.id):
            yield from _made(given, caller, meanings, deep - 1)


def _queue(node: ast.Call, meanings: Meanings) -> Queue | None:
    call = meanings.module.calls.get(node)
    if call is None or any(one.arg is None for one in node.keywords):
        return None
    known = meanings.known(call)
    if known.gives not in KINDS:
        name = meanings.name(node.func, call.function)
        factory = keyword(call, "default_factory")  # field(default_factory=asyncio.Queue)
        if name == "dataclasses.field" and factory is not None:
            made = meanings.name(factory, call.function) or ""
            return Queue(node, Bound.NONE) if made.rpartition(".")[2] in _MADE else None
        return None
    name = meanings.name(node.func, call.function) or ""
    size = node.args[0] if node.args else keyword(call, "maxsize")
    if size is None or name.endswith(_ALWAYS_UNBOUNDED):
        return Queue(node, Bound.NONE)
    return Queue(node, _bound(size))


_MADE: Final = frozenset({"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"})


def _bound(size: ast.expr) -> Bound:
    match size:
        case ast.Constant(value=int(number)):
            return Bound.NONE if number <= 0 else Bound.ONE if number == 1 else Bound.SOME
        case ast.UnaryOp(op=ast.USub()):
            return Bound.NONE
    return Bound.SOME


def same_queue(one: Call, other: Call, meanings: Meanings) -> bool:
    """Whether two calls are methods of the same queue, as far as is seen."""
    first, second = queue_of(one, meanings), queue_of(other, meanings)
    if first is not None and second is not None:
        return first.node is second.node
    return _receiver(one) == _receiver(other)


def _receiver(call: Call) -> str:
    return ast.dump(call.node.func.value) if isinstance(call.node.func, ast.Attribute) else ""


def asks_how_full(call: Call, meanings: Meanings) -> bool:
    """Whether the module asks anywhere how full the queue is, that a call puts something into."""
    return any(
        isinstance(one.node.func, ast.Attribute)
        and one.node.func.attr in ("qsize", "full")
        and same_queue(call, one, meanings)
        for one in meanings.module.calls.values()
    )


def puts_at_once(call: Call, meanings: Meanings) -> bool:
    """Whether a call puts something into a queue and raises, where it is full."""
    if Role.PUT not in meanings.known(call).role:
        return False
    if isinstance(call.node.func, ast.Attribute) and call.node.func.attr == "put_nowait":
        return True
    block = call.node.args[1] if len(call.node.args) > 1 else keyword(call, "block")
    return isinstance(block, ast.Constant) and block.value is False
