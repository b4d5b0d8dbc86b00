"""What is in a macro, parsed.

A piece of the file is parsed by itself, with a few words before and behind that make a program of
it; what was before is taken off the positions again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.rust import syntax
from longwire.lint.rust.parsing import parse

if TYPE_CHECKING:
    from tree_sitter import Node as RawNode

    from longwire.lint.rust.syntax import Node

SELECTS: Final = frozenset({"select", "select_biased"})
_DATA: Final = frozenset({"json", "macro_rules", "quote", "html", "concat", "include_str", "env"})
"""What holds no code, or a language of its own."""
_MAY_MATTER: Final = re.compile(
    rb"await|spawn|recv|next|unwrap|expect|send|lock|sleep|connect|read|return|break|continue"
    rb"|async|panic|select"
)
"""What is not in a macro's body, if there is nothing in it to look for."""
_ALWAYS: Final = frozenset({"join", "try_join"})
"""Macros whose arguments always matter."""


def read(node: Node) -> None:
    """Give a ``macro_invocation`` the children that it means."""
    raw = node.raw
    assert raw is not None  # noqa: S101 - it comes from tree-sitter
    tree = next((one for one in raw.children if one.type == "token_tree"), None)
    name = name_of(node)
    if tree is None or name in _DATA or tree.end_byte - tree.start_byte < 3:
        node.become(node.kind, [])
    elif name in SELECTS and not _is_crossbeam(tree):
        node.become("select_expression", [])
        for arm in _arms(tree.children[1:-1]):
            _take_arm(node, arm)
    elif name in _ALWAYS or _MAY_MATTER.search(_text(node, tree.start_byte, tree.end_byte)):
        node.become(node.kind, [])
        _take_arguments(node, tree)
    else:
        node.become(node.kind, [])


def name_of(node: Node) -> str:
    """The last part of a macro's name."""
    end = node.source.find(b"!", node.start, node.end)
    return node.source[node.start : end].rpartition(b"::")[2].strip().decode(errors="replace")


def _text(node: Node, start: int, end: int) -> bytes:
    return node.source[start + node.shift : end + node.shift]


# -- select -------------------------------------------------------------------------------------


class _Arm(NamedTuple):
    """The tokens of an arm."""

    pattern: list[RawNode]
    value: list[RawNode]
    condition: list[RawNode]
    body: list[RawNode]


def _is_crossbeam(tree: RawNode) -> bool:
    """``recv(r) -> message => ...``: that of channels for threads."""
    return any(one.type == "->" for one in tree.children)


def _arms(tokens: list[RawNode]) -> list[_Arm]:
    """The arms of the tokens of a select."""
    arms = []
    place = 0
    if [one.type for one in tokens[:2]] == ["identifier", ";"]:
        place = 2  # biased;
    while place < len(tokens):
        arrow = _find(tokens, place, "=>")
        if arrow is None:
            break
        equals = _find(tokens[:arrow], place, "=")
        behind = _end_of_body(tokens, arrow + 1)
        body = tokens[arrow + 1 : behind]
        if equals is None:
            arms.append(_Arm(tokens[place:arrow], [], [], body))
        else:
            comma = _find_guard(tokens, equals + 1, arrow)
            value, condition = tokens[equals + 1 : comma], tokens[comma + 2 : arrow]
            arms.append(_Arm(tokens[place:equals], value, condition, body))
        place = behind
        if place < len(tokens) and tokens[place].type in (",", ";"):
            place += 1
    return arms


def _find(tokens: list[RawNode], start: int, kind: str) -> int | None:
    return next((i for i in range(start, len(tokens)) if tokens[i].type == kind), None)


def _find_guard(tokens: list[RawNode], start: int, arrow: int) -> int:
    """Where ``, if`` is; at the arrow, if it is not there."""
    for place in range(start, arrow - 1):
        if tokens[place].type == "," and tokens[place + 1].type == "if":
            return place
    return arrow


def _end_of_body(tokens: list[RawNode], start: int) -> int:
    """Behind the body that begins at a token."""
    if start < len(tokens) and _is_block(tokens[start]):
        behind = start + 1
        if behind >= len(tokens) or tokens[behind].type not in (".", "?"):
            return behind
    return _find(tokens, start, ",") or len(tokens)


def _is_block(token: RawNode) -> bool:
    return token.type == "token_tree" and token.child_count > 0 and token.children[0].type == "{"


def _take_arm(select: Node, arm: _Arm) -> None:
    everything = [*arm.pattern, *arm.value, *arm.condition, *arm.body]
    if not arm.pattern or not arm.body:
        return
    shift = select.shift
    kind = "select_arm" if arm.value else "select_else"
    start, end = everything[0].start_byte + shift, everything[-1].end_byte + shift
    node = syntax.Node(select.source, select, None, made=(kind, start, end))
    if arm.value:
        _take(node, "pattern", _pattern(select, arm.pattern))
        _take(node, "value", _expression(select, arm.value))
        if arm.condition:
            _take(node, "condition", _expression(select, arm.condition))
    _take(node, "body", _expression(select, arm.body))
    select.take(node)


def _take(node: Node, field: str, part: Node | None) -> None:
    if part is not None:
        node.take(part, field)


# -- pieces -------------------------------------------------------------------------------------


def _pattern(outer: Node, tokens: list[RawNode]) -> Node | None:
    found = _piece(outer, tokens[0].start_byte, tokens[-1].end_byte, b"fn f(){match x{", b"=>()}}")
    return _first(found, "match_pattern")


def _expression(outer: Node, tokens: list[RawNode]) -> Node | None:
    start, end = tokens[0].start_byte, tokens[-1].end_byte
    if len(tokens) == 1 and _is_block(tokens[0]):
        return _function_body(_piece(outer, start, end, b"fn f()", b""))
    found = _first(_piece(outer, start, end, b"fn f(){(", b")}"), "parenthesized_expression")
    return found.children[0] if found is not None and found.children else None


def _take_arguments(node: Node, tree: RawNode) -> None:
    """Parse what is in a macro's brackets as arguments, or else as statements."""
    start, end = tree.start_byte + 1, tree.end_byte - 1
    if not _is_block(tree):
        found = _first(_piece(node, start, end, b"fn f(){m(", b")}"), "arguments")
        if found is not None and not _has_error(found):
            node.become(node.kind, found.children)
            for child in found.children:
                child.parent = node
            return
    body = _function_body(_piece(node, start, end, b"fn f(){", b"}"))
    if body is not None:
        node.become(node.kind, body.children)
        for child in body.children:
            child.parent = node


def _piece(outer: Node, start: int, end: int, before: bytes, behind: bytes) -> Node:
    start, end = start + outer.shift, end + outer.shift
    text = before + outer.source[start:end] + behind
    return syntax.Node(outer.source, outer, parse(text), shift=start - len(before))


def _first(root: Node, kind: str) -> Node | None:
    return next((one for one in root.walk() if one.kind == kind), None)


def _function_body(root: Node) -> Node | None:
    return root.children[0].field("body") if root.children else None


def _has_error(node: Node) -> bool:
    return node.raw is not None and node.raw.has_error
