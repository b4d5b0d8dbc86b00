"""How the two sides of a connection end: the coroutine that receives, and the one that sends."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.python.errors import EVERYTHING, error_names
from longwire.lint.python.guards import catcher_of_end
from longwire.lint.python.names import dotted, names_in
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role
from longwire.lint.python.spins import asked_queue

if TYPE_CHECKING:
    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function, Loop
    from longwire.lint.python.tasks import Started

_TELLS: Final = Role.CANCEL | Role.TELL | Role.PUT | Role.EXIT
_SENDS: Final = Role.SEND | Role.PING | Role.PONG


def receive_loops(function: Function, file: PythonFile) -> list[Loop]:
    """The loops of a function that take message after message."""
    return [loop for loop in function.loops if file.messages.receives_in(loop)]


def ends_quietly(function: Function, file: PythonFile) -> bool:
    """Whether a receiving function may just return when the connection ends."""
    if any(file.meanings.received_over(loop) for loop in function.loops):
        return True
    for call in function.calls:
        if Role.RECEIVE not in file.meanings.known(call).role:
            continue
        if file.meanings.connection(call) == "aiohttp":
            return True  # tells the end by a message
        guard = catcher_of_end(call.place, file.meanings.connection(call), file.meanings)
        if guard is not None:
            return any(way.end is not End.RAISES for way in file.paths.through(guard.body))
    return False


def waits_for_work(function: Function, file: PythonFile) -> bool:
    """Whether a sending function may wait for something to send for ever, whatever else ends.

    One that sends by the clock fails soon, when the connection has ended. So does one whose
    condition asks, and is asked now and then.
    """
    return any(
        _waits_in(loop, file)
        for loop in function.loops
        if any(file.meanings.role(call) & _SENDS for call in loop.calls)
    )


def _waits_in(loop: Loop, file: PythonFile) -> bool:
    if file.meanings.received_over(loop):
        return True  # of another connection
    if isinstance(loop.node, ast.AsyncFor):
        return _is_queue_like(loop.node.iter)
    if not isinstance(loop.node, ast.While):
        return False
    calls = list(loop.calls)
    limited = any(Role.LIMIT in file.meanings.known(call).role for call in calls)
    if limited and not loop.forever:
        return False
    if any(_waits(call, file) for call in calls):
        return True
    # Where a queue that is polled stays empty, nothing is sent.
    return asked_queue(loop, file) is not None and loop.forever


def _waits(call: Call, file: PythonFile) -> bool:
    role = file.meanings.known(call).role
    if Role.TAKE in role and role & (Role.PAUSE | Role.BLOCK):
        return True
    if Role.RECEIVE in role or Role.THREAD in role:
        return True
    func = call.node.func
    if isinstance(func, ast.Attribute) and Role.PAUSE in role:
        kind = file.meanings.kind(func.value, call.function)
        return kind in ("asyncio.event", "asyncio.condition")
    return False


def _is_queue_like(iterated: ast.expr) -> bool:
    """Something like ``pubsub.listen()``, by its name."""
    node = iterated.func if isinstance(iterated, ast.Call) else iterated
    parts = dotted(node)
    return bool(parts) and any(
        word in part.lower() for part in parts[-2:] for word in ("listen", "queue", "subscri")
    )


def tells_its_end(function: Function, other: Function, file: PythonFile) -> bool:
    """Whether a function tells another of its end, cancels it, or closes what it reads from."""
    tells = _TELLS | (Role.CLOSE if receivers(other, file) else Role.NONE)
    loops = receive_loops(function, file)
    last = max((loop.node.end_lineno or 0 for loop in loops), default=0)
    for call in function.calls:
        late = call.node.lineno > last or any(
            one.part in ("handler", "finally") for one in call.place.tries
        )
        if late and (file.meanings.role(call) & tells or cancels(call)):
            return True
    return False


def cancels(call: Call) -> bool:
    """Whether a call cancels something, by its name."""
    match call.node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return "cancel" in name.lower() and name != "cancelled"
    return False


def is_cancelled(call: Call, file: PythonFile) -> bool:
    """Whether the function of a gather cancels anything, or one inside it what is gathered."""
    given = names_in(call.node.args)
    return any(
        cancels(one)
        and (
            one.function is call.function
            or (call.function in one.function.outward() and dotted(one.node.func)[:-1] in given)
        )
        for one in file.module.calls.values()
    )


def receivers(function: Function, file: PythonFile, *, locked: bool = True) -> set[str]:
    """The connections that a function receives from, as they are written in it.

    Args:
        function: Which.
        file: What is known of its module.
        locked: Those as well that it receives from while it holds a lock.
    """
    written = {
        ".".join(dotted(call.node.func)[:-1])
        for call in function.calls
        if Role.RECEIVE in file.meanings.known(call).role and (locked or not is_locked(call, file))
    }
    for loop in function.loops:
        if file.meanings.received_over(loop):
            source = loop.node.iter  # type: ignore[union-attr]
            node = source.func.value if isinstance(source, ast.Call) else source  # type: ignore[attr-defined]
            written.add(".".join(dotted(node)))
    return written


def receive_calls(
    function: Function, file: PythonFile, seen: set[Function] | None = None
) -> set[tuple[str, Function]]:
    """The connections that a function and those it awaits receive from, without locks around.

    Each with the function in which it is written so.
    """
    seen = {function} if seen is None else seen | {function}
    found = {(one, function) for one in receivers(function, file, locked=False)}
    for call in function.calls:
        called = file.meanings.called(call)
        if called is not None and called not in seen and not is_locked(call, file):
            found |= receive_calls(called, file, seen)
    return found


def is_locked(call: Call, file: PythonFile) -> bool:
    """Whether it is made while a lock is held."""
    return any(
        file.meanings.kind(item.context_expr, call.function) == "asyncio.lock"
        for block in call.place.withs
        for item in block.node.items
    )


def is_lasting(function: Function, file: PythonFile) -> bool:
    """Whether it is one of those that are to run as long as the connection."""
    return Role.RECEIVE in file.meanings.does(function) or any(
        loop.forever
        or file.messages.receives_in(loop)
        or (isinstance(loop.node, ast.While) and file.does_in(loop) & (Role.PAUSE | Role.TAKE))
        for loop in function.loops
    )


def catches_all(function: Function, file: PythonFile) -> bool:
    """Whether all that a function does, or each turn of its loop, is in a try for any error."""
    blocks = [function.body]
    blocks += [one.node.body for one in function.loops if one.node in function.body]
    return any(
        any(block.node in statements for statements in blocks)
        and any(
            error_names(one.type, function, file.meanings) & EVERYTHING
            for one in block.node.handlers
        )
        for block in function.tries
    )


def received_by(started: Started, file: PythonFile) -> set[tuple[str, object]]:
    """What it receives from: attributes of its object, and what it is given by the caller."""
    function = started.function
    if function is None:
        return set()
    found: set[tuple[str, object]] = set()
    for written, holder in receive_calls(function, file):
        parts = written.split(".")
        if parts[0] == "self" and holder.owner is not None:
            found.add((written, holder.owner))
        elif holder is function and len(parts) == 1:
            given = _given(started, written)
            if given:
                found.add((given, started.by.function))
            elif written not in function.bindings:  # of the function around it
                found.add((written, None))
    return found


def _given(started: Started, name: str) -> str:
    """What the caller calls the value of a parameter."""
    function = started.function
    names = [one.arg for one in function.parameters] if function is not None else []
    if name in names:
        place = names.index(name)
        arguments = started.coroutine.node.args
        if place < len(arguments):
            return ".".join(dotted(arguments[place]))
    return ""
