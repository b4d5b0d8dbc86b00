"""What a program does for each message that it receives."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from longwire.lint.python.callgraph import CallGraph
    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Call, Function, Loop, Module

_CALLED: Final = frozenset(
    {"on_message", "onMessage", "on_ws_frame", "data_received", "buffer_updated"}
)
"""Methods that libraries call with each message, on the event loop."""


class Messages:
    """What is done between two receives."""

    def __init__(self, module: Module, meanings: Meanings, graph: CallGraph) -> None:
        self._module = module
        self._meanings = meanings
        self._graph = graph

    def receives_in(self, loop: Loop) -> bool:
        """Whether a loop takes message after message from a connection."""
        if self._meanings.received_over(loop):
            return True
        return isinstance(loop.node, ast.While) and loop in self._receiving

    @cached_property
    def _receiving(self) -> set[Loop]:
        return {
            call.loop
            for call in self._module.calls.values()
            if call.loop is not None and Role.RECEIVE in self._meanings.known(call).role
        }

    @cached_property
    def functions(self) -> dict[Function, str]:
        """The functions that run for each message, with the name of the one that receives it."""
        found: dict[Function, str] = {}
        for function in self._module.functions:
            if function.name in _CALLED and self._graph.on_event_loop(function):
                found[function] = function.name
        for call in self._module.calls.values():
            if any(self.receives_in(loop) for loop in call.place.loops):
                self._add(call, call.function.name, found)
        for function, name in found.copy().items():
            for call in function.calls:
                self._add(call, name, found)
        return found

    def _add(self, call: Call, name: str, found: dict[Function, str]) -> None:
        called = self._meanings.function(call.node.func, call.function)
        if called is None or called in found:
            return
        found[called] = name
        for inner in called.calls:
            self._add(inner, name, found)

    def between(self, call: Call) -> str | None:
        """The function that receives the messages for each of which a call is made, or None."""
        if any(self.receives_in(loop) for loop in call.place.loops):
            return call.function.name
        return self.functions.get(call.function)
