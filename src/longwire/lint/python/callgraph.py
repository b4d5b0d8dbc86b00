"""Who calls whom in a module."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.python import sockets
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Call, Function


_RUNS: Final = Role.CONNECT | Role.RECEIVE


class Cycle(NamedTuple):
    """A way from a function back to itself.

    Attributes:
        back: The call that begins it again.
        functions: It, and all that it calls before it is over.
    """

    back: Call
    functions: frozenset[Function]


class CallGraph:
    """Who calls whom."""

    def __init__(self, meanings: Meanings) -> None:
        self._meanings = meanings
        self._callers: dict[Function, list[Call]] | None = None
        self._spawned: frozenset[Function] | None = None

    def on_event_loop(self, function: Function) -> bool:
        """It is a coroutine function, or a callback that a library calls on an event loop."""
        if function.is_async or not (function.is_method and function.owner):
            return function.is_async
        return function.name.startswith(("on", "data_received")) and any(
            base in sockets.CALLED_ON_LOOP for base in self._meanings.bases(function.owner)
        )

    def called_in_event_loop(self, function: Function) -> Function | None:
        """A coroutine function that calls a plain function of this module, maybe by way of others.

        None, if there is none: it may then run in a thread of its own.
        """
        seen = {function}
        waiting = [function]
        while waiting:
            for call in self.callers(waiting.pop()):
                if self.on_event_loop(call.function):
                    return call.function
                if call.function not in seen:
                    seen.add(call.function)
                    waiting.append(call.function)
        return None

    def is_main(self, function: Function) -> bool:
        """It is what this module runs from the beginning of the program to its end."""
        return any(
            call.function.outer is None
            and isinstance(call.parent, ast.Call)
            and isinstance(call.parent.func, ast.Attribute)
            and call.parent.func.attr in ("run", "run_until_complete")
            for call in self.callers(function)
        )

    def callers(self, function: Function) -> list[Call]:
        """The calls of a function in this module."""
        return self._calls_of().get(function, [])

    def _calls_of(self) -> dict[Function, list[Call]]:
        """The calls of each function of this module."""
        if self._callers is None:
            self._callers = defaultdict(list)
            for call in self._meanings.module.calls.values():
                called = self._meanings.function(call.node.func, call.function)
                if called is not None:
                    self._callers[called].append(call)
        return self._callers

    def spawned(self) -> frozenset[Function]:
        """The functions of this module that are run by a task or a thread of their own."""
        if self._spawned is None:
            self._spawned = frozenset(
                function
                for call in self._meanings.module.calls.values()
                if self._meanings.known(call).role & (Role.SPAWN | Role.THREAD)
                for function in self.run_by(call)
            )
        return self._spawned

    def started_by(self, function: Function) -> list[Call]:
        """The calls that start a task or a thread which runs a function of this module."""
        return [
            call
            for call in self._meanings.module.calls.values()
            if self._meanings.known(call).role & (Role.SPAWN | Role.THREAD)
            and function in self.run_by(call)
        ]

    def run_by(self, call: Call) -> Iterator[Function]:
        """The functions of this module that a call starts a task or a thread for."""
        given = [*call.node.args, *(one.value for one in call.node.keywords if one.arg != "args")]
        for one in given:
            # A coroutine for a task, or a function for a thread.
            target = one.func if isinstance(one, ast.Call) else one
            function = self._meanings.function(target, call.function)
            if function is not None and function.is_async == isinstance(one, ast.Call):
                yield function

    def cycle(self, start: Function) -> Cycle | None:
        """The way from a function back to itself, directly or by way of others."""
        back: Call | None = None
        seen = {start}
        waiting = [start]
        while waiting:
            one = waiting.pop()
            for call in one.calls:
                for called in self._run_inside(call):
                    if called is start:
                        back = back or call
                    elif called not in seen:
                        seen.add(called)
                        waiting.append(called)
        return None if back is None else Cycle(back, frozenset(seen))

    def _run_inside(self, call: Call) -> Iterator[Function]:
        """What a call runs before it is over; for `run_forever`, the callbacks of the library."""
        called = self._meanings.called(call)
        if called is not None:
            yield called
        if self._meanings.known(call).role & _RUNS == _RUNS:
            for callback, kind in self._meanings.handed.first.items():
                if kind == "websocket-client.app" and callback.owner is call.function.owner:
                    yield callback
