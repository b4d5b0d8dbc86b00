"""One walk over a syntax tree that makes the records of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.python.records import (
    AnyTry,
    AnyWith,
    Binding,
    Branch,
    Call,
    Class,
    Decision,
    Function,
    InTry,
    Loop,
    Module,
    Place,
    Store,
    Try,
    With,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN: Final = frozenset({ast.Constant, ast.Name, ast.Pass, ast.Break, ast.Continue})
"""What has nothing inside that is looked for."""
_NO_CHILDREN: Final = frozenset({"ctx", "op", "ops", "attr", "id", "arg", "kind", "conversion"})
_CHILDREN: Final = {
    kind: tuple(name for name in kind._fields if name not in _NO_CHILDREN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
"""The fields of each kind of node that may hold other nodes to look at."""
_ADDERS: Final = frozenset({"add", "append", "appendleft", "insert", "setdefault"})
"""Methods whose last argument becomes a part of a collection."""


def collect(tree: ast.Module) -> Module:
    """The records of a file."""
    main = Function(tree, "<module>")
    module = Module(tree, [main], {}, {}, {}, {})
    _Collector(module).block(tree.body, Place(main))
    return module


class _Collector:
    def __init__(self, module: Module) -> None:
        self._module = module

    # -- statements ---------------------------------------------------------------------------

    def block(self, statements: Iterable[ast.stmt], place: Place) -> None:
        for statement in statements:
            self._statement(statement, place)

    def _statement(self, node: ast.stmt, place: Place) -> None:
        match node:
            case ast.Import():
                self._import(node, place)
            case ast.ImportFrom():
                self._import_from(node, place)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, place)
            case ast.ClassDef():
                self._class(node, place)
            case ast.If():
                self._if(node, place)
            case ast.While():
                self._while(node, place)
            case ast.For() | ast.AsyncFor():
                self._for(node, place)
            case ast.With() | ast.AsyncWith():
                self._with(node, place)
            case ast.Try() | ast.TryStar():
                self._try(node, place)
            case ast.Match():
                self._match(node, place)
            case ast.Return():
                self._return(node, place)
            case ast.Assign():
                self._assign(node, place)
            case ast.AnnAssign():
                self._annotated(node, place)
            case _:
                self._inside(node, node, place)

    def _import(self, node: ast.Import, place: Place) -> None:
        for alias in node.names:
            if alias.asname is None:
                top = alias.name.partition(".")[0]
                self._module.imported.setdefault(top, top)
            else:
                self._module.imported.setdefault(alias.asname, alias.name)

    def _import_from(self, node: ast.ImportFrom, place: Place) -> None:
        source = "." * node.level + (node.module or "")
        for alias in node.names:
            self._module.imported.setdefault(alias.asname or alias.name, f"{source}.{alias.name}")

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: Place) -> None:
        outer = place.function
        function = Function(node, node.name, outer.owner, outer)
        outer.functions[node.name] = function
        self._enter(function, place, node)

    def _method(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: Class, place: Place
    ) -> None:
        is_static = any(
            isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list
        )
        function = Function(node, node.name, owner, place.function, is_method=not is_static)
        owner.functions[node.name] = function
        self._enter(function, place, node)

    def _enter(
        self, function: Function, place: Place, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> None:
        self._module.functions.append(function)
        for decorator in node.decorator_list:
            self._inside(decorator, node, place)
        arguments = node.args
        for default in (*arguments.defaults, *filter(None, arguments.kw_defaults)):
            self._inside(default, node, place)
        for argument in function.parameters:
            function.bindings[argument.arg] = []
            if argument.annotation is not None:
                self._bind_name(
                    function, argument.arg, argument.annotation, "annotated", place.function
                )
        self.block(node.body, Place(function))

    def _class(self, node: ast.ClassDef, place: Place) -> None:
        made = Class(node)
        self._module.classes[node.name] = made
        for expression in (
            *node.bases,
            *(one.value for one in node.keywords),
            *node.decorator_list,
        ):
            self._inside(expression, node, place)
        for statement in node.body:
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._method(statement, made, place)
                case ast.AnnAssign(target=ast.Name(id=name)):
                    self._attribute(made, name, statement.annotation, "annotated", place.function)
                    if statement.value is not None:
                        self._attribute(made, name, statement.value, "is", place.function)
                    self._inside(statement, statement, place)
                case ast.Assign(targets=[ast.Name(id=name)]):
                    self._attribute(made, name, statement.value, "is", place.function)
                    self._inside(statement, statement, place)
                case _:
                    self.block([statement], place)

    def _if(self, node: ast.If, place: Place) -> None:
        self._inside(node.test, node, place)
        place.function.decisions.append(Decision(node, place))
        self.block(node.body, _in_branch(place, node, taken=True))
        self.block(node.orelse, _in_branch(place, node, taken=False))

    def _while(self, node: ast.While, place: Place) -> None:
        loop = Loop(node, place, node)
        place.function.loops.append(loop)
        inside = place._replace(loops=(*place.loops, loop))
        # The condition is asked at every turn.
        self._inside(node.test, node, inside)
        self.block(node.body, inside)
        self.block(node.orelse, place)

    def _for(self, node: ast.For | ast.AsyncFor, place: Place) -> None:
        loop = Loop(node, place, node)
        place.function.loops.append(loop)
        self._inside(node.iter, node, place)
        self._bind(node.target, node.iter, "item", place.function)
        self.block(node.body, place._replace(loops=(*place.loops, loop)))
        self.block(node.orelse, place)

    def _with(self, node: AnyWith, place: Place) -> None:
        made = With(node, place)
        place.function.withs.append(made)
        for item in node.items:
            self._inside(item.context_expr, node, place)
            if item.optional_vars is not None:
                self._bind(item.optional_vars, item.context_expr, "enters", place.function)
        self.block(node.body, place._replace(withs=(*place.withs, made)))

    def _try(self, node: AnyTry, place: Place) -> None:
        made = Try(node, place)
        place.function.tries.append(made)
        self.block(node.body, place._replace(tries=(*place.tries, InTry(made, "body"))))
        for handler in node.handlers:
            if handler.type is not None:
                self._inside(handler.type, node, place)
            inside = InTry(made, "handler", handler)
            self.block(handler.body, place._replace(tries=(*place.tries, inside)))
        self.block(node.orelse, place._replace(tries=(*place.tries, InTry(made, "else"))))
        self.block(node.finalbody, place._replace(tries=(*place.tries, InTry(made, "finally"))))

    def _match(self, node: ast.Match, place: Place) -> None:
        self._inside(node.subject, node, place)
        for case in node.cases:
            if case.guard is not None:
                self._inside(case.guard, node, place)
            place.function.decisions.append(Decision(case, place))
            self.block(case.body, _in_branch(place, case, taken=True))

    def _assign(self, node: ast.Assign, place: Place) -> None:
        for target in node.targets:
            self._bind(target, node.value, "is", place.function)
            place.function.stores.append(Store(target, node.value, place, node))
        self._inside(node, node, place)

    def _annotated(self, node: ast.AnnAssign, place: Place) -> None:
        self._bind(node.target, node.annotation, "annotated", place.function)
        if node.value is not None:
            self._bind(node.target, node.value, "is", place.function)
            place.function.stores.append(Store(node.target, node.value, place, node))
            self._inside(node.value, node, place)

    def _return(self, node: ast.Return, place: Place) -> None:
        if node.value is not None:
            place.function.returns.append(node.value)
            self._inside(node.value, node, place)

    # -- what names and attributes may be -------------------------------------------------------

    def _bind(self, target: ast.expr, source: ast.expr, how: str, function: Function) -> None:
        match target:
            case ast.Name(id=name):
                owner = _holder(name, function) if how == "holds" else function
                self._bind_name(owner, name, source, how, function)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if function.owner:
                self._attribute(function.owner, name, source, how, function)
            case ast.Subscript(value=collection) if how == "is":
                self._bind(collection, source, "holds", function)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self._unpack(parts, source, how, function)
            case ast.Starred(value=inner):
                self._bind(inner, source, how, function)

    def _unpack(
        self, parts: list[ast.expr], source: ast.expr, how: str, function: Function
    ) -> None:
        match source:
            case ast.Tuple(elts=values) | ast.List(elts=values) if how == "is":
                if len(parts) == len(values):
                    for part, value in zip(parts, values, strict=True):
                        self._bind(part, value, how, function)
            case ast.Call(func=ast.Attribute(attr="items")) if how == "item" and len(parts) == 2:
                self._bind(parts[1], source, how, function)
            case ast.Call(func=ast.Name(id="enumerate"), args=[values, *_]) if how == "item":
                self._bind(parts[-1], values, how, function)

    @staticmethod
    def _bind_name(
        function: Function, name: str, source: ast.expr, how: str, written_in: Function
    ) -> None:
        binding = Binding(source, how, written_in)  # type: ignore[arg-type]
        function.bindings.setdefault(name, []).append(binding)

    @staticmethod
    def _attribute(owner: Class, name: str, source: ast.expr, how: str, function: Function) -> None:
        binding = Binding(source, how, function)  # type: ignore[arg-type]
        owner.attributes.setdefault(name, []).append(binding)

    # -- expressions --------------------------------------------------------------------------

    def _inside(self, root: ast.AST, statement: ast.stmt, place: Place) -> None:
        """Record the calls of an expression, or of a statement without statements inside."""
        stack: list[tuple[ast.AST, ast.AST, bool]] = [(root, statement, False)]
        while stack:
            node, parent, awaited = stack.pop()
            kind = type(node)
            if kind in _PLAIN:
                continue
            if isinstance(node, ast.Await):
                stack.append((node.value, parent, True))
                continue
            if isinstance(node, ast.Lambda):
                self._lambda(node, statement, place)
                continue
            if isinstance(node, ast.Call):
                self._call(Call(node, place, statement, parent, awaited))
            elif isinstance(node, ast.NamedExpr):
                self._bind(node.target, node.value, "is", place.function)
            elif isinstance(node, ast.comprehension):
                self._bind(node.target, node.iter, "item", place.function)
            for name in _CHILDREN[kind]:
                child = getattr(node, name)
                if isinstance(child, list):
                    stack.extend([(one, node, False) for one in child if isinstance(one, ast.AST)])
                elif isinstance(child, ast.AST):
                    stack.append((child, node, False))

    def _call(self, call: Call) -> None:
        self._module.calls[call.node] = call
        self._module.by_statement.setdefault(call.statement, []).append(call)
        call.function.calls.append(call)
        match call.node.func:
            case ast.Attribute(value=collection, attr=name) if name in _ADDERS and call.node.args:
                self._bind(collection, call.node.args[-1], "holds", call.function)

    def _lambda(self, node: ast.Lambda, statement: ast.stmt, place: Place) -> None:
        outer = place.function
        function = Function(node, "<lambda>", outer.owner, outer)
        self._module.functions.append(function)
        self._inside(node.body, statement, Place(function))


def _in_branch(place: Place, node: ast.If | ast.match_case, *, taken: bool) -> Place:
    return place._replace(branches=(*place.branches, Branch(node, taken)))


def _holder(name: str, function: Function) -> Function:
    """The function whose name this is, as far as is known where it is read."""
    return next((one for one in function.outward() if name in one.bindings), function)
