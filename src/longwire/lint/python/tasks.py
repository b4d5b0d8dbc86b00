"""Which coroutines of a module run beside each other, and which of its functions run in threads."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.python.errors import CATCH_CANCEL, error_names
from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Binding, Call, Function, Module

_DEEP: Final = 6
"""So many steps from a name to the coroutine behind it."""
_HANDS_OVER: Final = {"submit": 0, "run_in_executor": 1}
"""Methods that run a function in a thread, and the place of the function."""


class Started(NamedTuple):
    """A coroutine that runs beside what has started it.

    Attributes:
        by: The call that starts it: of ``create_task``, of ``gather``.
        coroutine: The call that makes it.
        function: The function of this module that it runs; None, if that is of another.
    """

    by: Call
    coroutine: Call
    function: Function | None


class Tasks:
    """The tasks and the threads that a module starts."""

    def __init__(self, module: Module, meanings: Meanings) -> None:
        self._module = module
        self._meanings = meanings

    @cached_property
    def started(self) -> list[Started]:
        """All coroutines that run beside others, as tasks, or in a gather; in the file's order."""
        found = [
            one
            for call in self._module.calls.values()
            if self._meanings.known(call).role & (Role.SPAWN | Role.GATHER)
            for one in self.of(call)
        ]
        return sorted(found, key=_position)

    def of(self, call: Call) -> list[Started]:
        """The coroutines that a call of ``create_task``, ``gather`` or ``wait`` runs."""
        found = []
        for coroutine in self._among(call.node.args, call.function, 0):
            function = self._meanings.function(coroutine.node.func, coroutine.function)
            found.append(Started(call, coroutine, function))
        return found

    def coroutines(self, expression: ast.expr, function: Function) -> list[Call]:
        """The calls that have made what a name or an attribute stands for, tasks looked through."""
        return list(dict.fromkeys(self._behind(expression, function, 0)))

    def outlives_cancel(self, task: ast.expr, function: Function) -> bool:
        """Whether a task catches its own cancellation: awaiting it then raises nothing."""
        for coroutine in self.coroutines(task, function):
            called = self._meanings.function(coroutine.node.func, coroutine.function)
            if called is not None and any(
                error_names(one.type, called, self._meanings) & CATCH_CANCEL
                for block in called.tries
                for one in block.node.handlers
            ):
                return True
        return False

    def _among(self, expressions: Iterable[ast.expr], function: Function, depth: int) -> list[Call]:
        found: dict[Call, None] = {}
        for expression in expressions:
            found |= dict.fromkeys(self._behind(expression, function, depth))
        return list(found)

    def _behind(self, expression: ast.expr, function: Function, depth: int) -> Iterator[Call]:
        if depth > _DEEP:
            return
        match expression:
            case ast.Starred(value=inner) | ast.Await(value=inner) | ast.NamedExpr(value=inner):
                yield from self._behind(inner, function, depth + 1)
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                yield from self._among(elements, function, depth + 1)
            case (
                ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element)
            ):
                yield from self._behind(element, function, depth + 1)
            case ast.Call():
                yield from self._made(expression, depth)
            case ast.Name() | ast.Attribute():
                for binding in self._meanings.bindings(expression, function):
                    yield from self._bound(binding, depth)

    def _bound(self, binding: Binding, depth: int) -> Iterator[Call]:
        if binding.how in ("is", "holds", "item"):
            yield from self._behind(binding.source, binding.function, depth + 1)

    def _made(self, node: ast.Call, depth: int) -> Iterator[Call]:
        call = self._module.calls.get(node)
        if call is None:
            return
        role = self._meanings.known(call).role
        if role & (Role.SPAWN | Role.LIMIT | Role.GATHER) or _is_shield(node):
            yield from self._among(node.args, call.function, depth + 1)
        else:
            yield call

    @cached_property
    def in_threads(self) -> dict[Function, str]:
        """The plain functions that run in a thread of their own, with what runs them there.

        Those that threads call are among them; those of a thread with an event loop of its own are
        not.
        """
        entries: dict[Function, str] = {}
        for call in self._module.calls.values():
            for expression in self._handed_over(call):
                function = self._meanings.function(expression, call.function)
                if function is not None and not function.is_async:
                    entries.setdefault(function, ".".join(dotted(call.node.func)))
        for made in self._module.classes.values():
            run = made.functions.get("run")
            if run is not None and "threading.Thread" in self._meanings.bases(made):
                entries.setdefault(run, "threading.Thread")
        found: dict[Function, str] = {}
        for function, by in entries.items():
            reached = self._reached(function)
            if not any(self._runs_loop(one) for one in reached):
                found |= dict.fromkeys(reached, by)
        return found

    def _reached(self, function: Function) -> list[Function]:
        """It, and the plain functions of this module that it calls, by however many others."""
        reached = [function]
        for one in reached:
            for call in one.calls:
                called = self._meanings.function(call.node.func, one)
                if called is not None and not called.is_async and called not in reached:
                    reached.append(called)
        return reached

    def _runs_loop(self, function: Function) -> bool:
        for call in function.calls:
            name = self._meanings.name(call.node.func, function)
            if name in ("asyncio.run", "asyncio.set_event_loop", "asyncio.Runner", "trio.run"):
                return True
            match call.node.func:
                case ast.Attribute(attr="run_forever" | "run_until_complete", value=value):
                    kind = self._meanings.kind(value, function)
                    if kind != "websocket-client.app":
                        return True
        return False

    def _handed_over(self, call: Call) -> Iterator[ast.expr]:
        """What a call has run in a thread."""
        node = call.node
        if self._meanings.name(node.func, call.function) == "websocket.WebSocketApp":
            # Its callbacks run where run_forever does, and that is never on an event loop.
            yield from (one.value for one in node.keywords if (one.arg or "").startswith("on_"))
            return
        role = self._meanings.known(call).role
        if Role.THREAD not in role:
            return
        keywords = {one.arg: one.value for one in node.keywords}
        for word in ("target", "function", "func"):
            if word in keywords:
                yield keywords[word]
        place = 0
        match node.func:
            case ast.Attribute(attr=name) if name in _HANDS_OVER:
                place = _HANDS_OVER[name]
            case ast.Attribute(attr="Timer") | ast.Name(id="Timer"):
                place = 1
            case ast.Attribute(attr="start" | "map"):
                return
        if len(node.args) > place:
            yield node.args[place]


def waits_for_all(call: Call, meanings: Meanings) -> bool:
    """Whether a call of ``gather`` or ``wait`` is over only when all coroutines are."""
    name = meanings.name(call.node.func, call.function)
    when = next((one.value for one in call.node.keywords if one.arg == "return_when"), None)
    if name == "asyncio.wait":
        return when is None or dotted(when)[-1:] == ("ALL_COMPLETED",)
    return name == "asyncio.gather"


def hides_errors(call: Call) -> bool:
    """Whether a call of ``gather`` or ``wait`` gives the errors of coroutines as results."""
    return any(one.arg == "return_exceptions" for one in call.node.keywords) or dotted(
        call.node.func
    )[-1:] == ("wait",)


def _position(started: Started) -> tuple[int, int]:
    node = started.coroutine.node
    return node.lineno, node.col_offset


def _is_shield(node: ast.Call) -> bool:
    match node.func:
        case ast.Attribute(attr="shield") | ast.Name(id="shield"):
            return True
    return False


def side_by_side(first: Started, second: Started) -> bool:
    """Whether both are started one after the other, with nothing between that may end the first."""
    one, other = first.by, second.by
    if one is other:
        return True
    if one.function is not other.function or one.place.loops != other.place.loops:
        return False
    return _branches(one) == _branches(other) and one.place.tries == other.place.tries


def _branches(call: Call) -> list[tuple[int, bool]]:
    """The conditions that it depends on."""
    found = []
    for statement in call.function.body:
        for one in ast.walk(statement):
            if isinstance(one, (ast.If, ast.Match, ast.IfExp)) and (
                one.lineno <= call.node.lineno <= (one.end_lineno or 0)
            ):
                otherwise = getattr(one, "orelse", [])
                start = otherwise[0].lineno if isinstance(otherwise, list) and otherwise else 0
                found.append((one.lineno, bool(start) and call.node.lineno >= start))
    return found


def goes_nowhere(call: Call) -> bool:
    """Whether it goes to a name that is never read."""
    match call.parent:
        case ast.Assign(targets=[ast.Name(id="_")]):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) if call.function.outer is not None:
            return not any(
                (isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Load))
                or (isinstance(one, (ast.Global, ast.Nonlocal)) and name in one.names)
                for statement in call.function.body
                for one in ast.walk(statement)
            )
    return False
