"""One walk over a syntax tree that makes the records of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from longwire.lint.rust.macros import name_of
from longwire.lint.rust.names import Imports, last, path_of
from longwire.lint.rust.records import Binding, Body, Call, Loop, Module, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from longwire.lint.rust.syntax import Node

_OPAQUE: Final = frozenset(
    {
        "enum_item",
        "macro_definition",
        "const_item",
        "trait_item",
        "union_item",
        "type_arguments",
        "type_parameters",
        "where_clause",
        "string_literal",
        "raw_string_literal",
        "integer_literal",
        "identifier",
        "field_identifier",
        "scoped_identifier",
        "type_identifier",
        "generic_type",
        "match_pattern",
        "tuple_struct_pattern",
        "parameters",
        "closure_parameters",
        "token_tree",
        "extern_crate_declaration",
        "foreign_mod_item",
    }
)
"""What has nothing inside that is looked for."""
STREAMS: Final = frozenset({"stream", "try_stream"})
"""Macros whose body is an async block."""
_MATTERS: Final = re.compile(
    rb"await|\bloop\b|\bwhile\b|recv|spawn|thread::|sleep|select!|\.read|connect|split\(|channel"
    rb"|lock\(|send|close\(|exit\(|block_on|tungstenite|next\("
)
"""What is not in a function's text, if there is nothing in it to look for."""
_AS_IT_IS: Final = frozenset({"Some", "Ok", "Ready"})


def collect(tree: Node) -> Module:
    """The records of a file."""
    main = Body(tree, "file")
    module = Module(tree, Imports(), [main])
    module.by_node[tree] = main
    _Collector(module).walk(main)
    return module


class _Collector:
    def __init__(self, module: Module) -> None:
        self._module = module

    def walk(self, main: Body) -> None:
        stack: list[tuple[Node, Body, str]] = [(main.node, main, "")]
        while stack:
            node, body, owner = stack.pop()
            kind = node.kind
            if kind in _OPAQUE:
                continue
            visit = self._VISITS.get(kind)
            if kind == "function_item" and not _MATTERS.search(node.source, node.start, node.end):
                self._function(node, body, owner)
                continue
            if visit is not None:
                found = visit(self, node, body, owner)
                if found is not None:
                    body, owner = found
            stack.extend((child, body, owner) for child in reversed(node.children))

    # -- items --------------------------------------------------------------------------------

    def _use(self, node: Node, body: Body, owner: str) -> None:
        self._module.imports.add(node)

    def _struct(self, node: Node, body: Body, owner: str) -> None:
        name, fields = node.field("name"), node.field("body")
        made: dict[str, Node] = {}
        if fields is not None and fields.kind == "field_declaration_list":
            for one in fields.children:
                label, kind = one.field("name"), one.field("type")
                if label is not None and kind is not None:
                    made[label.text] = kind
        elif fields is not None:
            made = {str(index): one for index, one in enumerate(fields.children)}
        if name is not None:
            self._module.structs[name.text] = made

    def _alias(self, node: Node, body: Body, owner: str) -> None:
        name, kind = node.field("name"), node.field("type")
        if name is not None and kind is not None:
            self._module.aliases.setdefault(name.text, kind)

    def _impl(self, node: Node, body: Body, owner: str) -> tuple[Body, str]:
        return body, last(path_of(node.field("type")) or "")

    # -- bodies -------------------------------------------------------------------------------

    def _function(self, node: Node, body: Body, owner: str) -> tuple[Body, str]:
        name = node.need("name").text
        modifiers = next((one for one in node.children if one.kind == "function_modifiers"), None)
        made = Body(
            node,
            "function",
            modifiers is not None and "async" in modifiers.text,
            name,
            owner,
            body,
            returns=node.field("return_type"),
        )
        for one in node.need("parameters").children:
            if one.kind == "parameter":
                made.parameters.append(one)
                self._bind(made, one.field("pattern"), _span(node), None, one.field("type"))
        self._bounds(made)
        self._enter(made)
        if owner:
            self._module.methods.setdefault((owner, name), made)
        else:
            self._module.functions.setdefault(name, made)
        return made, ""

    @staticmethod
    def _bounds(body: Body) -> None:
        listed = body.node.field("type_parameters")
        where = next((one for one in body.node.children if one.kind == "where_clause"), None)
        for one in (*(listed.children if listed else ()), *(where.children if where else ())):
            name, bounds = one.field("name") or one.field("left"), one.field("bounds")
            if name is not None and bounds is not None:
                body.bounds.setdefault(name.text, []).append(bounds)

    def _closure(self, node: Node, body: Body, owner: str) -> tuple[Body, str]:
        is_async = node.source.startswith(b"async", node.start)
        made = Body(node, "closure", is_async, outer=body, owner=body.owner)
        for one in node.need("parameters").children:
            made.parameters.append(one)
            pattern = one.field("pattern") if one.kind == "parameter" else one
            self._bind(made, pattern, _span(node), None, one.field("type"))
        self._enter(made)
        return made, ""

    def _async_block(self, node: Node, body: Body, owner: str) -> tuple[Body, str]:
        made = Body(node, "block", is_async=True, outer=body, owner=body.owner)
        self._enter(made)
        return made, ""

    def _enter(self, made: Body) -> None:
        self._module.bodies.append(made)
        self._module.by_node[made.node] = made

    def _macro(self, node: Node, body: Body, owner: str) -> tuple[Body, str] | None:
        self._module.macros.append(node)
        if node.children and name_of(node) in STREAMS:
            return self._async_block(node, body, owner)
        return None

    # -- loops and calls ----------------------------------------------------------------------

    def _loop(self, node: Node, body: Body, owner: str) -> None:
        how = node.kind.removesuffix("_expression")
        if how == "while" and node.need("condition").text == "true":
            how = "loop"
        label = next((one.text for one in node.children if one.kind == "label"), "")
        loop = Loop(node, body, how, label)  # type: ignore[arg-type]
        body.loops.append(loop)
        self._module.loops[node] = loop
        if how == "for":
            inside = _span(node.need("body"))
            self._bind(body, node.field("pattern"), inside, node.field("value"), None, item=True)

    def _call(self, node: Node, body: Body, owner: str) -> None:
        # By their places: to ask for a field takes a multiple of the time, and calls are many.
        if not node.children:
            return
        function = node.children[0]
        if function.kind == "generic_function":
            function = function.need("function")
        if function.kind == "field_expression" and len(function.children) == 2:
            value, name = function.children
            call = Call(node, body, name.text, None, value)
        else:
            path = path_of(function)
            call = Call(node, body, last(path or ""), path, None)
        body.calls.append(call)
        self._module.calls[node] = call

    # -- what names stand for -----------------------------------------------------------------

    def _let(self, node: Node, body: Body, owner: str) -> None:
        block = node.parent or node
        scope = (node.end, _scope_end(block))
        self._bind(body, node.field("pattern"), scope, node.field("value"), node.field("type"))

    def _let_condition(self, node: Node, body: Body, owner: str) -> None:
        holder = next(
            (one for one in node.outward() if one.kind in ("if_expression", "while_expression")),
            node,
        )
        self._bind(body, node.field("pattern"), (node.end, holder.end), node.field("value"), None)

    def _match(self, node: Node, body: Body, owner: str) -> None:
        value = node.field("value")
        for arm in node.need("body").children:
            self._bind(body, arm.field("pattern"), _span(arm), value, None)

    def _arm(self, node: Node, body: Body, owner: str) -> None:
        self._bind(body, node.field("pattern"), _span(node), node.field("value"), None)

    def _bind(
        self,
        body: Body,
        pattern: Node | None,
        scope: tuple[int, int],
        source: Node | None,
        type_: Node | None,
        *,
        item: bool = False,
    ) -> None:
        stack: list[tuple[Node, tuple[Step, ...]]] = [(pattern, ())] if pattern else []
        while stack:
            node, path = stack.pop()
            if node.kind in ("identifier", "shorthand_field_identifier"):
                if not node.text[:1].isupper():
                    binding = Binding(node, scope, source, type_, path, item)
                    body.bindings.setdefault(node.text, []).append(binding)
            else:
                stack.extend(_parts(node, path))

    _VISITS: ClassVar[dict[str, Callable[..., Any]]] = {
        "use_declaration": _use,
        "struct_item": _struct,
        "type_item": _alias,
        "impl_item": _impl,
        "function_item": _function,
        "closure_expression": _closure,
        "async_block": _async_block,
        "macro_invocation": _macro,
        "loop_expression": _loop,
        "while_expression": _loop,
        "for_expression": _loop,
        "call_expression": _call,
        "let_declaration": _let,
        "let_condition": _let_condition,
        "match_expression": _match,
        "select_arm": _arm,
    }


def _parts(pattern: Node, path: tuple[Step, ...]) -> Iterable[tuple[Node, tuple[Step, ...]]]:
    """The patterns in a pattern, each with its way from the whole value."""
    children = pattern.children
    match pattern.kind:
        case "tuple_pattern":
            return [(one, (*path, index)) for index, one in enumerate(children)]
        case "tuple_struct_pattern":
            constructor = last(path_of(pattern.field("type")) or "")
            inside = path if constructor in _AS_IT_IS else (*path, "?")
            return [(one, inside) for one in children[1:]]
        case "struct_pattern":
            return [(one, path) for one in children[1:]]
        case "field_pattern":
            name = pattern.need("name")
            below = pattern.field("pattern")
            return [(below if below is not None else name, (*path, name.text))]
        case "match_pattern":
            return [(children[0], path)] if children else []
        case "slice_pattern":
            return [(one, (*path, "?")) for one in children]
        case "scoped_identifier":
            return []
    return [(one, path) for one in children]


def _span(node: Node) -> tuple[int, int]:
    return node.start, node.end


def _scope_end(block: Node) -> int:
    """Where the statements end that a name is known in: `pin!` has no scope of its own."""
    if block.kind == "macro_invocation":
        return next((one.end for one in block.outward() if one.kind == "block"), block.end)
    return block.end
