"""What the expressions of a module mean: which is a connection, which call receives, which blocks.

Found when it is asked for, and kept. It follows names, attributes set anywhere in a class,
annotations, with statements, collections, and values handed over to functions of the same module.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from longwire.lint.python import sockets, standard
from longwire.lint.python.annotations import annotated
from longwire.lint.python.handed import Handed
from longwire.lint.python.names import canonical, dotted
from longwire.lint.python.roles import Known, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longwire.lint.python.records import Binding, Call, Class, Function, Loop, Module

_FUNCTIONS: Final = {**standard.FUNCTIONS, **sockets.FUNCTIONS}
_METHODS: Final = {**standard.METHODS, **sockets.METHODS}

_NOTHING: Final = Known()
_YIELDS: Final = Known(Role.YIELD, waits=True)
_SLEEPS: Final = frozenset({"asyncio.sleep", "trio.sleep", "anyio.sleep"})
_PAUSES: Final = Known(Role.PAUSE)
_PAUSES_BY_NAME: Final = re.compile(r"sleep|back_?off|delay|pause|throttle|^wait$", re.IGNORECASE)
"""What a function of another module is taken for by its name."""
_NAMED_LIKE: Final = (
    (re.compile(r"(^|_)(ws|websocket|web_socket|wsock|wss)\d*$", re.IGNORECASE), "websocket?"),
    (re.compile(r"^_*(log|logger)$", re.IGNORECASE), "logger"),
    (re.compile(r"^_*(event_)?loop$"), "asyncio.loop"),
    (re.compile(r"^_*(tg|task_?group|nursery)$"), "asyncio.group"),
)
"""What a name alone is taken for, where nothing else is known of it."""
_SAME_ITEMS: Final = frozenset({"values", "items", "copy"})
_COLLECTIONS: Final = frozenset({"list", "set", "tuple", "sorted", "reversed", "frozenset", "iter"})
_ITERATED: Final = frozenset({"iter_text", "iter_bytes", "iter_json", "batches", "events"})
"""Methods of connections that are iterated over in place of the connection."""
_STARTERS: Final = ("asyncio.create_task", "asyncio.ensure_future")
_DEEP: Final = 12
"""So many steps from a name to where its value comes from."""


class Meanings:
    """What the expressions of a module mean."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._known: dict[Call, Known] = {}
        self._names: dict[ast.expr, str | None] = {}
        self._kinds: dict[ast.expr, str | None] = {}
        self._does: dict[Function, Role] = {}
        self._depth = 0
        self.handed = Handed()
        self.handed.find(self)
        # What was found without knowing what all functions are called with.
        self._kinds.clear()
        self._known.clear()

    # -- names --------------------------------------------------------------------------------

    def name(self, expression: ast.expr, function: Function) -> str | None:
        """The full name of what is imported, canonical; None for everything else."""
        if expression not in self._names:
            self._names[expression] = self._full_name(dotted(expression), function)
        return self._names[expression]

    def _full_name(self, parts: tuple[str, ...], function: Function) -> str | None:
        if not parts or (
            parts[0] not in self.module.imported and parts[0] not in standard.BUILTINS
        ):
            return None
        if any(parts[0] in one.bindings for one in function.outward()):
            return None
        top = self.module.imported.get(parts[0])
        if top is None:
            return parts[0] if len(parts) == 1 else None
        return canonical(".".join((top, *parts[1:])))

    def function(self, expression: ast.expr, function: Function) -> Function | None:
        """The function of this module that an expression stands for."""
        match expression:
            case ast.Name(id=name):
                for one in function.outward():
                    if name in one.functions:
                        return one.functions[name]
                    if one.bindings.get(name) and one.outer is not None:
                        return self._bound_function(one.bindings[name], function)
                return None
            case ast.Attribute(value=owner, attr=name):
                made = self._class_of(owner, function)
                return None if made is None else self._method(made, name)
            case ast.Call(func=func, args=[first, *_]) if (
                self.name(func, function) == "functools.partial"
            ):
                return self.function(first, function)
            case ast.Lambda(body=ast.Call(func=func)):
                return self.function(func, function)
        return None

    def _bound_function(self, bindings: list[Binding], function: Function) -> Function | None:
        source = bindings[-1].source
        return self.function(source, function) if not isinstance(source, ast.Name) else None

    def _class_of(self, expression: ast.expr, function: Function) -> Class | None:
        if isinstance(expression, ast.Name):
            if expression.id in ("self", "cls"):
                return function.owner
            if expression.id in self.module.classes:
                return self.module.classes[expression.id]
        kind = self.kind(expression, function)
        if kind is not None and kind.startswith("class:"):
            return self.module.classes.get(kind.removeprefix("class:"))
        return None

    def _method(self, made: Class, name: str) -> Function | None:
        for one in self.lineage(made):
            if name in one.functions:
                return one.functions[name]
        return None

    def lineage(self, made: Class) -> Iterator[Class]:
        """A class and those of its bases that are in this module, nearest first."""
        seen: set[Class] = set()
        waiting = [made]
        while waiting:
            one = waiting.pop(0)
            if one in seen:
                continue
            seen.add(one)
            yield one
            for base in one.node.bases:
                parent = self.module.classes.get(base.id) if isinstance(base, ast.Name) else None
                if parent is not None:
                    waiting.append(parent)

    def bases(self, made: Class) -> Iterator[str]:
        """The full names of its bases that are imported."""
        for one in self.lineage(made):
            for base in one.node.bases:
                name = self.name(base, self.module.main)
                if name is not None:
                    yield name

    # -- kinds --------------------------------------------------------------------------------

    def kind(self, expression: ast.expr, function: Function) -> str | None:
        """What a value is, such as ``"websockets"``; ``"[websockets]"`` is a collection of them."""
        if expression in self._kinds:
            return self._kinds[expression]
        if self._depth > _DEEP:
            return None
        self._kinds[expression] = None  # what asks for itself
        self._depth += 1
        try:
            found = self._find(expression, function)
        finally:
            self._depth -= 1
        self._kinds[expression] = found
        return found

    def _find(self, expression: ast.expr, function: Function) -> str | None:
        match expression:
            case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.Starred(value=inner):
                return self.kind(inner, function)
            case ast.Name():
                return self._kind_of_name(expression, function) or _named_like(expression.id)
            case ast.Attribute():
                return self._kind_of_attribute(expression, function) or _named_like(expression.attr)
            case ast.Call():
                return self._kind_of_call(expression, function)
            case ast.BoolOp(values=values):
                return self._first(values, function)
            case ast.IfExp(body=body, orelse=orelse):
                return self._first((body, orelse), function)
            case ast.Subscript(value=collection):
                return _item(self.kind(collection, function))
            case (
                ast.List(elts=[first, *_]) | ast.Set(elts=[first, *_]) | ast.Tuple(elts=[first, *_])
            ):
                return _of(self.kind(first, function))
            case (
                ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element)
            ):
                return _of(self.kind(element, function))
        return None

    def _first(self, expressions: Sequence[ast.expr], function: Function) -> str | None:
        return next(filter(None, (self.kind(one, function) for one in expressions)), None)

    def _kind_of_name(self, expression: ast.Name, function: Function) -> str | None:
        name = expression.id
        for one in function.outward():
            if name in one.bindings:
                return self._kind_of_bindings(one.bindings[name]) or self._kind_of_parameter(
                    name, one
                )
            if name in ("self", "cls") and one.is_method and one.owner is not None:
                return self._kind_of_self(one.owner)
        full = self.name(expression, function)
        return "quart" if full == "quart.websocket" else None

    def _kind_of_self(self, owner: Class) -> str:
        for base in self.bases(owner):
            if base in sockets.TYPES:
                return sockets.TYPES[base]
        return f"class:{owner.name}"

    def _kind_of_attribute(self, expression: ast.Attribute, function: Function) -> str | None:
        found = self._kind_of_bindings(self.bindings(expression, function))
        if found is None:
            whole = self.kind(expression.value, function)
            return whole if whole in standard.WHOLES else None
        return found

    def bindings(self, expression: ast.expr, function: Function) -> Sequence[Binding]:
        """Where a name, or an attribute of an object of this module, gets its value."""
        if isinstance(expression, ast.Name):
            for one in function.outward():
                if expression.id in one.bindings:
                    return one.bindings[expression.id]
        elif isinstance(expression, ast.Attribute):
            made = self._class_of(expression.value, function)
            for owner in () if made is None else self.lineage(made):
                if expression.attr in owner.attributes:
                    return owner.attributes[expression.attr]
        return ()

    def _kind_of_bindings(self, bindings: Sequence[Binding]) -> str | None:
        for binding in bindings:
            match binding.how:
                case "annotated":
                    found = annotated(binding.source, binding.function, self)
                case "item":
                    found = self._iterated(binding.source, binding.function)
                case "holds":
                    found = _of(self.kind(binding.source, binding.function))
                case _:
                    found = self.kind(binding.source, binding.function)
            if found is not None:
                return found
        return None

    def _iterated(self, source: ast.expr, function: Function) -> str | None:
        kind = self.kind(source, function)
        call = self.module.calls.get(source) if isinstance(source, ast.Call) else None
        if call is not None and Role.CONNECT in self.known(call).role:
            return kind  # async for ws in connect(...)
        return _item(kind)

    def _kind_of_call(self, expression: ast.Call, function: Function) -> str | None:
        call = self.module.calls.get(expression)
        if call is None:
            return None
        known = self.known(call)
        if known.gives is not None:
            return known.gives
        match expression.func:
            case ast.Name(id=name) if name in _COLLECTIONS and expression.args:
                return self.kind(expression.args[0], function)
            case ast.Name(id=name) if name in self.module.classes:
                return f"class:{name}"
            case ast.Attribute(value=value, attr=name) if name in _SAME_ITEMS:
                return self.kind(value, function)
            case ast.Attribute(value=value, attr="get" | "pop" | "popleft"):
                return _item(self.kind(value, function))
        if Role.LIMIT in known.role and expression.args:  # wait_for(connect(...), 10)
            return self.kind(expression.args[0], function)
        called = self.function(expression.func, function)
        return None if called is None else self._returned(called)

    def _returned(self, function: Function) -> str | None:
        node = function.node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None:
            outer = function.outer or function
            found = annotated(node.returns, outer, self)
            if found is not None:
                return found
        return self._first(function.returns, function)

    # -- parameters -----------------------------------------------------------------------------

    def _kind_of_parameter(self, name: str, function: Function) -> str | None:
        """What the callers of a function in this module give it."""
        for expression, caller in self.handed.values(function, name):
            kind = self.kind(expression, caller)
            if kind is not None:
                return kind
        names = [parameter.arg for parameter in function.parameters]
        if names and names[0] == name:
            return self.handed.first.get(function)
        return None

    # -- calls --------------------------------------------------------------------------------

    def known(self, call: Call) -> Known:
        """What is known of the called function; nothing, unless it is one of a known library."""
        found = self._known.get(call)
        if found is None:
            self._known[call] = _NOTHING  # what asks for itself
            found = self._known[call] = self._find_known(call)
        return found

    def _find_known(self, call: Call) -> Known:
        func = call.node.func
        name = self.name(func, call.function)
        if name is not None and name in _FUNCTIONS:
            return _YIELDS if name in _SLEEPS and _at_once(call) else _FUNCTIONS[name]
        if isinstance(func, ast.Attribute):
            kind = self.kind(func.value, call.function)
            if kind is not None and kind in _METHODS:
                return _METHODS[kind].get(func.attr, _NOTHING)
        parts = dotted(func)
        return _PAUSES if parts and _PAUSES_BY_NAME.search(parts[-1]) else _NOTHING

    def role(self, call: Call) -> Role:
        """What a call does, with what functions of this module do that it calls.

        A coroutine that is handed to a task or a thread does nothing here.
        """
        role = self.known(call).role
        called = self.called(call)
        return role if called is None else role | self.does(called)

    def called(self, call: Call) -> Function | None:
        """The function of this module that a call runs before it is over.

        Not a coroutine function whose coroutine is handed to a task or a thread.
        """
        called = self.function(call.node.func, call.function)
        return None if called is None or (called.is_async and self._is_spawned(call)) else called

    def _is_spawned(self, call: Call) -> bool:
        around = self.module.calls.get(call.parent) if isinstance(call.parent, ast.Call) else None
        if around is None:
            return False
        return bool(self.known(around).role & (Role.SPAWN | Role.THREAD)) or any(
            # The starter of a task, which another function is to call with this coroutine.
            self.name(one, call.function) in _STARTERS
            for one in around.node.args
        )

    def does(self, function: Function) -> Role:
        """What a function does, with all functions of this module that it calls."""
        found = self._does.get(function)
        if found is None:
            self._does[function] = Role.NONE  # what calls itself
            found = Role.NONE
            for call in function.calls:
                found |= self.role(call)
            if any(self.received_over(loop) for loop in function.loops):
                found |= Role.RECEIVE
            self._does[function] = found
        return found

    def connection(self, call: Call) -> str | None:
        """The kind of the connection that a call is a method of; None, if it is of none."""
        if isinstance(call.node.func, ast.Attribute):
            kind = self.kind(call.node.func.value, call.function)
            if kind in sockets.CONNECTIONS:
                return kind
        return None

    def received_over(self, loop: Loop) -> str | None:
        """The kind of the connection that a loop iterates over; None, if it does not."""
        if isinstance(loop.node, ast.While):
            return None
        source = loop.node.iter
        match source:
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in _ITERATED:
                source = value
            case ast.Call():
                return None
        kind = self.kind(source, loop.place.function)
        return kind if kind in sockets.CONNECTIONS else None


def _named_like(name: str) -> str | None:
    return next((kind for pattern, kind in _NAMED_LIKE if pattern.search(name)), None)


def _at_once(call: Call) -> bool:
    """Whether its argument is 0."""
    match call.node.args:
        case [ast.Constant(value=value)]:
            return not value
    return False


def _of(kind: str | None) -> str | None:
    return None if kind is None else f"[{kind}]"


def _item(kind: str | None) -> str | None:
    return kind[1:-1] if kind is not None and kind.startswith("[") else None
