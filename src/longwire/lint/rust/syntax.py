"""A syntax tree of Rust that looks into macros.

tree-sitter takes the body of a macro for a heap of tokens. Here, `tokio::select!` is a node of the
kind ``select_expression`` with arms, and the arguments of any other macro that may matter are
expressions. All nodes know where in the file they are, to the byte.

Kinds and fields are those of tree-sitter-rust, and beside them:

- ``select_expression``: its children are of the kind ``select_arm``, with the fields ``pattern``,
  ``value`` (the future), ``condition`` (behind ``if``; may be missing) and ``body``; or of the kind
  ``select_else`` with the field ``body`` (of ``else``, ``default`` and ``complete``).
- ``macro_invocation``: its children are its arguments, or the statements in it.

Tests (``#[cfg(test)]``, ``#[test]``, ``#[tokio::test]``) are left out: nobody suffers there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.lint.rust import macros
from longwire.lint.rust.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as RawNode

_DROPPED: Final = frozenset(
    {
        "line_comment",
        "block_comment",
        "attribute_item",
        "inner_attribute_item",
        "mutable_specifier",
        "empty_statement",
        "visibility_modifier",
    }
)
"""What is no child here."""
_HAVE_WILDCARDS: Final = frozenset(
    {
        "match_pattern",
        "tuple_struct_pattern",
        "tuple_pattern",
        "or_pattern",
        "ref_pattern",
        "reference_pattern",
        "slice_pattern",
        "field_pattern",
        "captured_pattern",
        "let_declaration",
        "let_condition",
        "closure_parameters",
        "for_expression",
        "parameter",
    }
)
"""What may have ``_`` for a child, which tree-sitter does not count as a node with a name."""
_HAVE_ITEMS: Final = frozenset({"source_file", "declaration_list"})
_TEST: Final = re.compile(rb"\btest\b(?!_)")
_NO_TEST: Final = re.compile(rb"not\s*\(\s*test")


class Node:
    """A node.

    Attributes:
        kind: As tree-sitter-rust names it; see above.
        start: Where it begins in the file, in bytes.
        end: Where the next thing begins.
        parent: What it is a part of; None for the whole file.
    """

    __slots__ = (
        "_children",
        "_fields",
        "_raw",
        "_shift",
        "end",
        "kind",
        "parent",
        "source",
        "start",
    )

    def __init__(
        self,
        source: bytes,
        parent: Node | None,
        raw: RawNode | None,
        *,
        shift: int = 0,
        made: tuple[str, int, int] = ("", 0, 0),
    ) -> None:
        """A node that tree-sitter knows, or without that, one that is made.

        Args:
            source: The whole file.
            parent: What it is a part of.
            raw: The node of tree-sitter.
            shift: What to add to its positions.
            made: Without it, the kind, the start and the end.
        """
        self.source = source
        self.parent = parent
        self._raw = raw
        self._shift = shift
        self._children: list[Node] | None = None
        self._fields: dict[str, Node] | None = None
        if raw is None:
            self.kind, self.start, self.end = made
            self._children = []
        else:
            self.kind = raw.type
            self.start = raw.start_byte + shift
            self.end = raw.end_byte + shift
            if self.kind == "macro_invocation":
                macros.read(self)

    def become(self, kind: str, children: list[Node]) -> None:
        """Be something else: what a macro means."""
        self.kind, self._children = kind, children

    def take(self, child: Node, field: str | None = None) -> None:
        """Have one more child."""
        child.parent = self
        self.children.append(child)
        if field is not None:
            self.fields[field] = child

    @property
    def raw(self) -> RawNode | None:
        """What tree-sitter knows of it; its positions are those of the text that was parsed."""
        return self._raw

    @property
    def shift(self) -> int:
        """What to add to a position in that text for that in the file."""
        return self._shift

    @property
    def children(self) -> list[Node]:
        """Its parts, in the order of the file, without punctuation, comments and attributes."""
        if self._children is None:
            raw = self._raw
            assert raw is not None  # noqa: S101 - a made node has children from the start
            kind = self.kind
            if kind in _HAVE_WILDCARDS:
                parts = [one for one in raw.children if one.is_named or one.type == "_"]
            elif kind in _HAVE_ITEMS:
                parts = _without_tests(raw.named_children)
            else:
                parts = raw.named_children if raw.named_child_count else []
            source, shift = self.source, self._shift
            self._children = [
                Node(source, self, one, shift=shift) for one in parts if one.type not in _DROPPED
            ]
        return self._children

    @property
    def fields(self) -> dict[str, Node]:
        """The fields that were asked for, and those of a made node."""
        if self._fields is None:
            self._fields = {}
        return self._fields

    def field(self, name: str) -> Node | None:
        """The part of a name; None, if there is none."""
        fields = self.fields
        if name in fields:
            return fields[name]
        raw = self._raw.child_by_field_name(name) if self._raw is not None else None
        if raw is None:
            return None
        start, kind = raw.start_byte + self._shift, raw.type
        for child in self.children:
            if child.start == start and child.kind in (kind, "select_expression"):
                fields[name] = child
                return child
        return None

    def need(self, name: str) -> Node:
        """The part of a name, which the grammar demands; the node itself where it is not there."""
        return self.field(name) or self

    @property
    def text(self) -> str:
        """As it is written."""
        return self.source[self.start : self.end].decode(errors="replace")

    @property
    def operator(self) -> str:
        """Of a binary expression, such as ``"&&"``."""
        raw = self._raw.child_by_field_name("operator") if self._raw is not None else None
        return raw.type if raw is not None else ""

    def walk(self) -> Iterator[Node]:
        """It and all that is in it, from the outside to the inside, in the order of the file."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def outward(self) -> Iterator[Node]:
        """What is around it, from the inside to the outside."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def holds(self, other: Node) -> bool:
        """Whether another one is in it, or is it."""
        return self.start <= other.start and other.end <= self.end


def _without_tests(items: list[RawNode]) -> list[RawNode]:
    kept = []
    is_test = False
    for item in items:
        if item.type == "attribute_item":
            text = item.text or b""
            is_test = is_test or bool(_TEST.search(text) and not _NO_TEST.search(text))
        elif "comment" not in item.type:
            if not is_test:
                kept.append(item)
            is_test = False
    return kept


def read(source: bytes) -> Node:
    """The syntax tree of a file.

    Raises:
        ParserMissing: the extra ``lint`` is not installed.
    """
    return Node(source, None, parse(source))
