"""What the expressions of a file mean: which is a socket, which call receives, which one blocks.

Found when it is asked for, and kept. It follows names, fields of structs, types, patterns, and
values handed over to functions of the same file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.lint.rust import sockets, standard
from longwire.lint.rust.macros import name_of
from longwire.lint.rust.names import last
from longwire.lint.rust.roles import UNKNOWN, Kind, Known, Role
from longwire.lint.rust.types import Types

if TYPE_CHECKING:
    from longwire.lint.rust.records import Binding, Body, Call, Module
    from longwire.lint.rust.syntax import Node

_FUNCTIONS: Final = {**standard.FUNCTIONS, **sockets.FUNCTIONS}
_NOTHING: Final = Known()
_DEEP: Final = 24
"""So many steps from an expression to where its value comes from."""
_BY_NAME: Final = {
    "connect_async": sockets.FUNCTIONS["tokio_tungstenite::connect_async"],
    "yield_now": standard.FUNCTIONS["tokio::task::yield_now"],
}
"""Functions whose name says enough, wherever they come from."""
_BY_NAME_AWAITED: Final = {
    "sleep": standard.FUNCTIONS["tokio::time::sleep"],
    "sleep_until": standard.FUNCTIONS["tokio::time::sleep_until"],
    "delay_for": standard.FUNCTIONS["tokio::time::sleep"],
    "timeout": standard.FUNCTIONS["tokio::time::timeout"],
}
_LOCK: Final = Known(Role.LOCK)
_SLOW: Final = Known(Role.SLOW, waits=True)
_REQUEST: Final = re.compile(r"\.(get|post|put|patch|delete|request)\s*\([^)]")
_QUERY: Final = re.compile(r"\bquery(_as|_scalar)?(!|\s*\(|::)")
_ASKS: Final = {
    "send": _REQUEST,
    **dict.fromkeys(("execute", "fetch_one", "fetch_all", "fetch_optional"), _QUERY),
}
"""What else has to be in a chain whose last method has one of these names."""
_INSIDE: Final = {
    "await_expression": 0,
    "try_expression": 0,
    "parenthesized_expression": 0,
    "unary_expression": 0,
    "expression_statement": 0,
}
_ON_UPGRADE: Final = frozenset({"on_upgrade", "on_failed_upgrade", "upgrade"})


class Meanings:
    """What the expressions of a module mean."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.types = Types(module)
        self._kinds: dict[Node, Kind] = {}
        self._known: dict[Node, Known] = {}
        self._does: dict[tuple[Body, int], Role] = {}
        self._callers: dict[Body, list[Call]] | None = None

    # -- what a value is ----------------------------------------------------------------------

    def kind(self, node: Node | None, depth: int = 0) -> Kind:
        """The kind of an expression's value."""
        if node is None or depth > _DEEP:
            return UNKNOWN
        if node not in self._kinds:
            self._kinds[node] = UNKNOWN  # what comes back to itself is not known
            self._kinds[node] = self._find_kind(node, depth + 1)
        return self._kinds[node]

    def _find_kind(self, node: Node, depth: int) -> Kind:
        match node.kind:
            case "identifier":
                return self._named(node, depth)
            case "self":
                return Kind(f"struct:{self.module.body_of(node).function.owner}")
            case "field_expression":
                return self._field(node, depth)
            case "call_expression":
                return self._result(self.module.calls.get(node), depth)
            case "reference_expression" | "type_cast_expression":
                return self.kind(node.field("value"), depth)
            case "assignment_expression":
                return UNKNOWN
            case "macro_invocation":
                return self._macro(node, depth)
            case "tuple_expression":
                return Kind("tuple", tuple(self.kind(one, depth) for one in node.children))
            case "array_expression":
                return Kind("vec", (self._first(node.children, depth),))
            case "index_expression":
                return _item(self.kind(node.children[0], depth)) if node.children else UNKNOWN
            case "struct_expression":
                return self.types.kind(node.field("name"), self.module.body_of(node))
            case "block" | "async_block" | "unsafe_block":
                return self.kind(node.children[-1], depth) if node.children else UNKNOWN
            case "if_expression":
                branches = (node.field("consequence"), node.field("alternative"))
                return self._first(branches, depth)
            case "else_clause":
                return self._first(node.children, depth)
            case "match_expression":
                arms = node.need("body").children
                return self._first([one.field("value") for one in arms], depth)
            case "select_expression":
                return self._first([one.field("body") for one in node.children], depth)
        if node.kind in _INSIDE and node.children:
            return self.kind(node.children[0], depth)
        return UNKNOWN

    def _first(self, nodes: object, depth: int) -> Kind:
        kinds = (self.kind(one, depth) for one in nodes)  # type: ignore[attr-defined]
        return next((one for one in kinds if one is not UNKNOWN), UNKNOWN)

    def _macro(self, node: Node, depth: int) -> Kind:
        match name_of(node):
            case "vec":
                return Kind("vec", (self._first(node.children, depth),))
            case "join" | "try_join":
                return Kind("tuple", tuple(self.kind(one, depth) for one in node.children))
            case "pin" | "Box" | "dbg" | "ready":
                return self._first(node.children, depth)
        return UNKNOWN

    def binding(self, name: Node) -> Binding | None:
        """Where a name gets its value that is used at a place; None, if it is no name."""
        if name.kind != "identifier":
            return None
        text = name.text
        for body in self.module.body_of(name).outward():
            best = None
            for one in body.bindings.get(text, ()):
                if one.scope[0] <= name.start < one.scope[1] and not one.node.holds(name):
                    best = one if best is None or one.scope[0] >= best.scope[0] else best
            if best is not None:
                return best
            if body.how == "function":
                return None
        return None

    def _named(self, node: Node, depth: int) -> Kind:
        found = self.binding(node)
        return UNKNOWN if found is None else self.bound(found, depth)

    def bound(self, binding: Binding, depth: int = 0) -> Kind:
        """The kind of what a name is bound to."""
        body = self.module.body_of(binding.node)
        kind = _follow(self.types.kind(binding.type, body), binding.path, self._part)
        if kind is not UNKNOWN:
            return kind
        if binding.source is not None:
            kind = self.kind(binding.source, depth)
            if binding.is_item:
                kind = _item(kind)
            return _follow(kind, binding.path, self._part)
        return _follow(self._given(binding, body, depth), binding.path, self._part)

    def _given(self, binding: Binding, body: Body, depth: int) -> Kind:
        """What a parameter gets where the function is called."""
        if depth > _DEEP // 2:
            return UNKNOWN
        place = next((i for i, one in enumerate(body.parameters) if one.holds(binding.node)), None)
        if place is None:
            return UNKNOWN
        if body.how == "closure":
            return self._upgraded(body)
        for call in self.callers(body):
            if place < len(call.arguments):
                kind = self.kind(call.arguments[place], depth)
                if kind is not UNKNOWN:
                    return kind
        return UNKNOWN

    def _upgraded(self, closure: Body) -> Kind:
        """``ws.on_upgrade(|socket| ...)``."""
        parent = closure.node.parent
        call = self.module.calls.get(parent.parent) if parent and parent.parent else None
        if call is not None and call.name in _ON_UPGRADE:
            for library in ("axum", "warp", "poem", "salvo"):
                if library in self.types.libraries:
                    return Kind(library)
        return UNKNOWN

    def _field(self, node: Node, depth: int) -> Kind:
        value, name = node.field("value"), node.field("field")
        if value is None or name is None:
            return UNKNOWN
        step: int | str = int(name.text) if name.text.isdigit() else name.text
        return self._part(self.kind(value, depth), step)

    def _part(self, kind: Kind, step: int | str) -> Kind:
        while kind.name.startswith(("guard.", "mutex.")) and kind.of:
            kind = kind.of[0]
        if kind.name == "tuple" and isinstance(step, int):
            return kind.of[step] if step < len(kind.of) else UNKNOWN
        if kind.name.startswith("struct:"):
            fields = self.module.structs.get(kind.name[7:], {})
            return self.types.kind(fields.get(str(step)))
        return UNKNOWN

    # -- what a call does ---------------------------------------------------------------------

    def known(self, call: Call) -> Known:
        """What is known of what a call calls."""
        if call.node not in self._known:
            self._known[call.node] = _NOTHING
            self._known[call.node] = self._find_known(call)
        return self._known[call.node]

    def role(self, call: Call) -> Role:
        """What a call does, by itself."""
        return self.known(call).role

    def does(self, call: Call, depth: int = 3) -> Role:
        """What a call does, by itself or in functions of this file that it calls."""
        role = self.role(call)
        function = self.function(call) if depth and not role else None
        if function is not None:
            if (function, depth) not in self._does:
                self._does[function, depth] = Role.NONE
                for one in function.calls:
                    self._does[function, depth] |= self.does(one, depth - 1)
            role |= self._does[function, depth]
        return role

    def name(self, call: Call) -> str:
        """The full name of a function of a library; empty for a method."""
        return self.module.imports.full(call.path) if call.path else ""

    def _find_known(self, call: Call) -> Known:
        if call.receiver is not None:
            return self._method(call)
        for name in self.module.imports.candidates(call.path or ""):
            if name in _FUNCTIONS:
                return _FUNCTIONS[name]
        if call.name in _BY_NAME:
            return _BY_NAME[call.name]
        if call.name in _BY_NAME_AWAITED and self.function(call) is None and _is_awaited(call):
            return _BY_NAME_AWAITED[call.name]
        return _NOTHING

    def _method(self, call: Call) -> Known:
        kind = self.kind(call.receiver)
        if kind.name.startswith("mutex.") and call.name in standard.LOCKING:
            return _LOCK
        while kind.name.startswith("guard.") and kind.of:
            kind = kind.of[0]
        name = kind.name
        methods = standard.METHODS.get(name) or sockets.METHODS.get(kind.family)
        if methods is None:
            return _SLOW if kind is UNKNOWN and _asks_another_machine(call) else _NOTHING
        return methods.get(call.name, _NOTHING)

    def _result(self, call: Call | None, depth: int) -> Kind:
        if call is None:
            return UNKNOWN
        known = self.known(call)
        if known.gives is not None:
            return known.gives
        if call.receiver is not None:
            kind = self.kind(call.receiver, depth)
            if kind.name.startswith("mutex.") and call.name in standard.LOCKING:
                return Kind(f"guard.{kind.half}", kind.of)
            if call.name in standard.SAME:
                return kind
            if call.name in ("iter", "iter_mut", "into_iter", "values", "values_mut", "drain"):
                return kind
            if call.name in ("get", "first", "last", "pop", "remove", "pop_front", "entry"):
                return _item(kind)
        elif call.path and call.arguments:
            head = call.path.rpartition("::")[0]
            lock = self.types.lock(head) if call.name == "new" else None
            if lock is not None:
                return Kind(f"mutex.{lock}", (self.kind(call.arguments[0], depth),))
            if call.name in standard.CONSTRUCTORS and (not head or last(head) in standard.WRAPPERS):
                return self.kind(call.arguments[0], depth)
            if Role.LIMIT in known.role:
                return self.kind(call.arguments[-1], depth)
        function = self.function(call)
        if function is not None:
            return self.types.kind(function.returns, function)
        if call.path:
            head = call.path.rpartition("::")[0]
            made = head if call.name in ("new", "default", "with_capacity") else call.path
            if last(made) in self.module.structs:
                return Kind(f"struct:{last(made)}")
        return UNKNOWN

    # -- what calls what ----------------------------------------------------------------------

    def function(self, call: Call) -> Body | None:
        """The function or method of this file that is called."""
        if call.receiver is not None:
            kind = self.kind(call.receiver)
            while kind.name.startswith("guard.") and kind.of:
                kind = kind.of[0]
            if kind.name.startswith("struct:"):
                return self.module.methods.get((kind.name[7:], call.name))
            return None
        if call.path is None:
            return None
        owner, _, name = call.path.rpartition("::")
        if owner in ("", "self", "crate", "super"):
            return (
                self.module.functions.get(name) if name not in self.module.imports.names else None
            )
        owner = last(owner)
        if owner == "Self":
            owner = call.body.function.owner
        return self.module.methods.get((owner, name))

    def callers(self, body: Body) -> list[Call]:
        """The calls of a function of this file."""
        if self._callers is None:
            self._callers = {}
            own = {name for _, name in self.module.methods}
            for call in self.module.calls.values():
                if call.receiver is None or call.name in own:
                    called = self.function(call)
                    if called is not None:
                        self._callers.setdefault(called, []).append(call)
        return self._callers.get(body, [])


def _asks_another_machine(call: Call) -> bool:
    """Whether a chain of calls is a request of reqwest, or a query of sqlx, by its words."""
    pattern = _ASKS.get(call.name)
    return pattern is not None and pattern.search(call.node.text) is not None


def _is_awaited(call: Call) -> bool:
    parent = call.node.parent
    return parent is not None and parent.kind in ("await_expression", "select_arm")


def _item(kind: Kind) -> Kind:
    while kind.name.startswith(("guard.", "mutex.")) and kind.of:
        kind = kind.of[0]
    return kind.of[0] if kind.name in ("vec", "map") and kind.of else UNKNOWN


def _follow(kind: Kind, path: tuple[int | str, ...], part: object) -> Kind:
    for step in path:
        kind = part(kind, step)  # type: ignore[operator]
    return kind
