"""Which receive loops a place belongs to, and which of them an error there would end."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.python import sockets
from longwire.lint.python.callbacks import callbacks
from longwire.lint.python.endings import tells
from longwire.lint.python.errors import EVERYTHING, catch_end, error_names
from longwire.lint.python.guards import guards
from longwire.lint.python.openers import is_client
from longwire.lint.python.paths import End
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.guards import Guard
    from longwire.lint.python.records import Call, Function, Loop, Place

_DEEP: Final = 3
"""So many calls from a receive loop to what it does with a message."""


class Reading(NamedTuple):
    """A place that is come by for each message of a receive loop.

    Attributes:
        loop: The receive loop.
        kind: Of its connection; None, where a function that it calls receives.
        way: From the place to the loop: it, and the calls that lead to its function. The last one
            is in the loop itself.
    """

    loop: Loop
    kind: str | None
    way: tuple[Place, ...]


def readings(file: PythonFile, place: Place, deep: int = _DEEP) -> Iterator[Reading]:
    """The receive loops that a place is come by for each message of."""
    for loop in reversed(place.loops):
        kinds = [kind for _, kind in _received(file, loop)]
        if kinds:
            kind = next(filter(None, kinds), None)
            yield Reading(loop, kind, (place,))
            return
    spawned = file.graph.spawned()
    if deep and place.function not in spawned:
        for call in file.graph.callers(place.function):
            for reading in readings(file, call.place, deep - 1):
                yield reading._replace(way=(place, *reading.way))


def reads(file: PythonFile, place: Place, deep: int = _DEEP) -> bool:
    """Whether a place is come by for each message of a connection: in a loop, or in a callback."""
    if any(readings(file, place, deep)) or place.function in _callbacks(file):
        return True
    return deep > 0 and any(
        reads(file, call.place, deep - 1) for call in file.graph.callers(place.function)
    )


def _callbacks(file: PythonFile) -> frozenset[Function]:
    """The functions that a library calls with each message."""
    handed = (one for one in callbacks(file.meanings) if one.name in ("on_message", "on_data"))
    functions = {one.function(file.meanings) for one in handed}
    for made in file.module.classes.values():
        for base in file.meanings.bases(made):
            functions.add(made.functions.get(_METHODS.get(sockets.TYPES.get(base, ""), "")))
    return frozenset(one for one in functions if one is not None)


_METHODS: Final = {
    "tornado.handler": "on_message",
    "autobahn": "onMessage",
    "websocket-client.app": "on_message",
}
"""What is called with each message of an object, by its kind."""


def _received(file: PythonFile, loop: Loop) -> list[tuple[Place, str | None]]:
    over = file.meanings.received_over(loop)
    if over is not None:
        return [(loop.place, over)]
    if not isinstance(loop.node, ast.While):
        return []
    # Not what a loop inside it receives over its connection: that one is the receive loop.
    return [one for one in file.receives_in(loop) if one[0].loop is loop]


class Escape(NamedTuple):
    """How an error leaves a receive loop.

    Attributes:
        by: The handler inside the loop that catches it and leaves; None, where nothing catches it.
        outside: The handler around the loop that catches it then; None, where nothing does in the
            function of the loop.
    """

    reading: Reading
    by: Guard | None
    outside: Guard | None


def escapes(file: PythonFile, place: Place, errors: Iterable[str]) -> Iterator[Escape]:
    """The receive loops that an error which is raised at a place ends.

    Args:
        file: The file.
        place: Where it is raised.
        errors: Full names of it and its bases.
    """
    names = frozenset(errors) | EVERYTHING
    for reading in readings(file, place):
        *before, last = reading.way
        if any(_catcher(file, one, names) for one in before):
            continue
        inside = _catcher(file, last, names, within=reading.loop)
        if inside is None or _leaves(file, reading.loop, inside):
            outside = _catcher(file, reading.loop.place, names)
            yield Escape(reading, inside, outside)


def is_caught(file: PythonFile, place: Place, errors: Iterable[str], within: Loop) -> bool:
    """Whether an error that is raised at a place is caught inside a loop."""
    return _catcher(file, place, frozenset(errors) | EVERYTHING, within) is not None


def _catcher(
    file: PythonFile, place: Place, names: frozenset[str], within: Loop | None = None
) -> Guard | None:
    caught = (one for one in guards(place, file.meanings, within) if one.names & names)
    return next(caught, None)


def _leaves(file: PythonFile, loop: Loop, guard: Guard) -> bool:
    """Whether each way from a handler leads out of a loop."""
    ways = file.paths.turns(loop, guard.statement, guard.body)
    return bool(ways) and all(way.end not in (End.FALLS, End.CONTINUES) for way in ways)


def left_among(
    file: PythonFile, errors: frozenset[str]
) -> Iterator[tuple[Call, ast.ExceptHandler]]:
    """Where a server's loop is left by an error past the handler that takes the client out.

    Each with the handler: it catches the end of the connection, and stores or calls something.
    """
    seen: set[Loop] = set()
    for call in file.module.calls.values():
        func = call.node.func
        parses = Role.PARSE in file.meanings.known(call).role or (
            isinstance(func, ast.Attribute) and func.attr == "receive_json"
        )
        loop = call.loop
        if not parses or loop is None or loop in seen or not call.function.is_async:
            continue
        kinds = [kind for place, kind in _received(file, loop) if place.loop is loop]
        kinds += [file.meanings.received_over(loop)]
        kind = next(filter(None, kinds), None)
        if kind is None or not file.serves(kind) or is_client(file, call.function, kind):
            continue
        handler = _passed_by(file, call, loop, kind, errors)
        if handler is not None:
            seen.add(loop)
            yield call, handler


def _passed_by(
    file: PythonFile, call: Call, loop: Loop, kind: str, errors: frozenset[str]
) -> ast.ExceptHandler | None:
    """The handler around a loop that is for its end only, and does more than to write a line."""
    if _catcher(file, call.place, errors | EVERYTHING) is not None:
        return None
    for part in loop.place.tries:
        if part.part != "body" or part.block.node.finalbody:
            continue
        for handler in part.block.node.handlers:
            names = error_names(handler.type, call.function, file.meanings)
            if catch_end(names, kind) and tells(file, handler.body):
                return handler
    return None
