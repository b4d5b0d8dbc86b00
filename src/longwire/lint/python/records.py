"""What is known of a Python file: its functions, loops, tries and calls, each with its place.

`collect` makes these records in one walk. They say what is written; what it means (this is a
receive, that gives a connection) is found by `Meanings`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module
AnyLoop = ast.While | ast.For | ast.AsyncFor
AnyTry = ast.Try | ast.TryStar
AnyWith = ast.With | ast.AsyncWith
Part = Literal["body", "handler", "else", "finally"]


class InTry(NamedTuple):
    """A place inside a try statement."""

    block: Try
    part: Part
    handler: ast.ExceptHandler | None = None


class Branch(NamedTuple):
    """A place inside an if statement, or inside a case of a match.

    Attributes:
        node: The whole if statement, or the case.
        taken: Where its condition is true; False behind ``else`` and ``elif``.
    """

    node: ast.If | ast.match_case
    taken: bool


class Place(NamedTuple):
    """Where something stands. The innermost loop, try, with and branch come last."""

    function: Function
    loops: tuple[Loop, ...] = ()
    tries: tuple[InTry, ...] = ()
    withs: tuple[With, ...] = ()
    branches: tuple[Branch, ...] = ()

    @property
    def loop(self) -> Loop | None:
        """The innermost loop of the same function."""
        return self.loops[-1] if self.loops else None


@dataclass(slots=True, eq=False)
class Call:
    """A call.

    Attributes:
        statement: What it is a part of.
        parent: The expression or the statement right around it.
        awaited: It is what an ``await`` waits for.
    """

    node: ast.Call
    place: Place
    statement: ast.stmt
    parent: ast.AST
    awaited: bool

    @property
    def function(self) -> Function:
        """The function that it is in."""
        return self.place.function

    @property
    def loop(self) -> Loop | None:
        """The innermost loop around it, in the same function."""
        return self.place.loop

    @property
    def discarded(self) -> bool:
        """Nobody looks at what it gives: neither a name nor an expression around it."""
        # What a lambda gives goes to whoever calls it.
        return isinstance(self.parent, ast.Expr) and not isinstance(self.function.node, ast.Lambda)

    @property
    def gone_over(self) -> list[tuple[ast.expr, ast.expr]]:
        """Targets, and what they take one by one from: of its comprehension, or of its loops."""
        if isinstance(self.parent, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return [(made.target, made.iter) for made in self.parent.generators]
        loops = [loop.node for loop in self.place.loops]
        return [(one.target, one.iter) for one in loops if isinstance(one, ast.For)]


class Binding(NamedTuple):
    """One way in which a name or an attribute gets its value.

    Attributes:
        source: The expression that the value comes from.
        how: ``"is"``: it is that value. ``"enters"``: it is what a with statement over it gives.
            ``"item"``: it is one of that value's items. ``"holds"``: it is a collection with that
            value in it. ``"annotated"``: the expression is an annotation.
        function: The function whose names the expression is written with.
    """

    source: ast.expr
    how: Literal["is", "enters", "item", "holds", "annotated"]
    function: Function


class Store(NamedTuple):
    """An assignment of a value to a name, an attribute or an item."""

    target: ast.expr
    value: ast.expr
    place: Place
    node: ast.stmt


@dataclass(slots=True, eq=False)
class Decision:
    """An if statement, or a case of a match."""

    node: ast.If | ast.match_case
    place: Place


@dataclass(slots=True, eq=False)
class Loop:
    """A loop of a function."""

    node: AnyLoop
    place: Place
    statement: ast.stmt

    @property
    def calls(self) -> Iterator[Call]:
        """The calls in it and in its condition, without those of functions that it calls."""
        return (call for call in self.place.function.calls if self in call.place.loops)

    @property
    def forever(self) -> bool:
        """It has no condition: ``while True``."""
        return (
            isinstance(self.node, ast.While)
            and isinstance(self.node.test, ast.Constant)
            and bool(self.node.test.value)
        )


@dataclass(slots=True, eq=False)
class Try:
    """A try statement, with or without handlers."""

    node: AnyTry
    place: Place


@dataclass(slots=True, eq=False)
class With:
    """A with statement."""

    node: AnyWith
    place: Place


@dataclass(slots=True, eq=False)
class Class:
    """A class, and what its attributes may be."""

    node: ast.ClassDef
    functions: dict[str, Function] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As it is written."""
        return self.node.name


@dataclass(slots=True, eq=False)
class Function:
    """A function, a method, a lambda, or the module's own statements.

    Attributes:
        owner: The class that it is a method of. A function inside a method has the method's.
        outer: The function around it, None for the module.
        is_method: It is called on an object, so that its first parameter is that object.
    """

    node: AnyFunction
    name: str
    owner: Class | None = None
    outer: Function | None = None
    is_method: bool = False
    calls: list[Call] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    withs: list[With] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
    returns: list[ast.expr] = field(default_factory=list)
    bindings: dict[str, list[Binding]] = field(default_factory=dict)

    @property
    def is_async(self) -> bool:
        """It is a coroutine function."""
        return isinstance(self.node, ast.AsyncFunctionDef)

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements; a lambda has none."""
        return [] if isinstance(self.node, ast.Lambda) else self.node.body

    @property
    def parameters(self) -> list[ast.arg]:
        """Those that can be given by position, and behind them the others; without ``self``."""
        if isinstance(self.node, ast.Module):
            return []
        arguments = self.node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        return [*positional[1 if self.is_method else 0 :], *arguments.kwonlyargs]

    def outward(self) -> Iterator[Function]:
        """It, and the functions around it, from the innermost to the module."""
        function: Function | None = self
        while function is not None:
            yield function
            function = function.outer


@dataclass(slots=True, eq=False)
class Module:
    """A file.

    Attributes:
        functions: Every one, in the order of the file; the module's own statements come first.
        classes: By name; the last one, where there are several of a name.
        imported: What the names that are imported anywhere in it stand for, with full names.
    """

    tree: ast.Module
    functions: list[Function]
    classes: dict[str, Class]
    imported: dict[str, str]
    by_statement: dict[ast.stmt, list[Call]]
    calls: dict[ast.Call, Call]

    @property
    def main(self) -> Function:
        """The module's own statements."""
        return self.functions[0]

    def calls_in(self, statement: ast.stmt) -> list[Call]:
        """The calls of a statement itself: not those of statements inside it."""
        return self.by_statement.get(statement, [])
