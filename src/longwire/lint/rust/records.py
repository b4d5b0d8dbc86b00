"""What is known of a Rust file: its functions, blocks that run on their own, loops and calls.

`collect` makes these records in one walk. They say what is written; what it means (this is a
receive, that is half of a socket) is found by `Meanings`. Where something stands is asked of its
node, which knows its parents.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.rust.names import Imports
    from longwire.lint.rust.syntax import Node

Step = int | str
"""From a value to a part of it: an item of a tuple, or a field by its name; ``"?"`` for others."""


class Binding(NamedTuple):
    """One way in which a name gets its value.

    Attributes:
        node: The name in the pattern.
        scope: Where the name means this: from the first to behind the last byte.
        source: The expression that the value is a part of; None for a parameter.
        type: What is written as its type.
        path: From the value of the source to that of the name.
        is_item: It is one of the items that the source gives.
    """

    node: Node
    scope: tuple[int, int]
    source: Node | None
    type: Node | None
    path: tuple[Step, ...] = ()
    is_item: bool = False


@dataclass(slots=True, eq=False)
class Call:
    """A call of a function or a method.

    Attributes:
        body: The innermost body that it is in.
        name: Of the method, or the last part of the function's path; empty for a called value.
        path: Of the function as it is written; None for a method.
        receiver: What a method is called on; None for a function.
    """

    node: Node
    body: Body
    name: str
    path: str | None
    receiver: Node | None

    @property
    def arguments(self) -> list[Node]:
        """What it is called with."""
        found = self.node.children[-1]
        return found.children if found.kind == "arguments" else []

    @property
    def awaited(self) -> bool:
        """It is what an ``.await`` waits for, by itself."""
        parent = self.node.parent
        return parent is not None and parent.kind == "await_expression"


@dataclass(slots=True, eq=False)
class Loop:
    """A loop.

    Attributes:
        how: ``"loop"`` without a condition (``while true`` is one, too), ``"while"``, ``"for"``.
        label: With its apostrophe; empty, if it has none.
    """

    node: Node
    body: Body
    how: Literal["loop", "while", "for"]
    label: str = ""

    @property
    def is_timed(self) -> bool:
        """Its condition compares something, such as a clock or a counter: it ends by itself."""
        return self.how == "while" and any(
            word in self.node.need("condition").text for word in ("<", ">", "elapsed", "!=")
        )

    @property
    def line(self) -> int:
        """The line of its first word, from 1."""
        return self.node.source.count(b"\n", 0, self.node.start) + 1


@dataclass(slots=True, eq=False)
class Body:
    """What runs on its own: a function, a closure, or an async block; the file, outside of them.

    Attributes:
        how: What it is.
        is_async: Calling it gives a future: an async function, closure or block.
        name: Empty for closures and blocks.
        owner: The type that it is a method of.
        outer: The body around it, None for the file.
        parameters: Each as it is written, without ``self``.
        bounds: What is written of its type parameters, by name.
        calls: Those in it, and not in bodies inside it; the same for loops and bindings.
    """

    node: Node
    how: Literal["file", "function", "closure", "block"]
    is_async: bool = False
    name: str = ""
    owner: str = ""
    outer: Body | None = None
    parameters: list[Node] = field(default_factory=list)
    returns: Node | None = None
    bounds: dict[str, list[Node]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    bindings: dict[str, list[Binding]] = field(default_factory=dict)

    @property
    def block(self) -> Node | None:
        """What is run: of a closure, it may be an expression; a function of a trait has none."""
        if self.how == "block":
            return self.node.children[-1] if self.node.children else None
        return self.node.field("body")

    @property
    def function(self) -> Body:
        """The function that it is in, or is."""
        body = self
        while body.how in ("closure", "block") and body.outer is not None:
            body = body.outer
        return body

    def outward(self) -> Iterator[Body]:
        """It, and the bodies around it, from the innermost to the file."""
        body: Body | None = self
        while body is not None:
            yield body
            body = body.outer


@dataclass(slots=True, eq=False)
class Module:
    """A file.

    Attributes:
        bodies: Every one, in the order of the file; the file's own comes first.
        functions: By name, those that are no methods.
        methods: By the name of their type and their own.
        structs: The types of the fields, by the struct's name and the field's.
        aliases: What ``type`` declarations say.
    """

    tree: Node
    imports: Imports
    bodies: list[Body]
    calls: dict[Node, Call] = field(default_factory=dict)
    loops: dict[Node, Loop] = field(default_factory=dict)
    macros: list[Node] = field(default_factory=list)
    functions: dict[str, Body] = field(default_factory=dict)
    methods: dict[tuple[str, str], Body] = field(default_factory=dict)
    structs: dict[str, dict[str, Node]] = field(default_factory=dict)
    aliases: dict[str, Node] = field(default_factory=dict)
    by_node: dict[Node, Body] = field(default_factory=dict)

    def body_of(self, node: Node) -> Body:
        """The innermost body that a node is in; a closure itself is in the body around it."""
        for one in node.outward():
            body = self.by_node.get(one)
            if body is not None:
                return body
        return self.bodies[0]

    def loop_of(self, node: Node) -> Loop | None:
        """The innermost loop around a node, in the same body; a ``for``'s source is outside."""
        inner = node
        for one in node.outward():
            if one in self.by_node:
                return None
            loop = self.loops.get(one)
            if loop is not None and not (loop.how == "for" and one.field("value") is inner):
                return loop
            inner = one
        return None
