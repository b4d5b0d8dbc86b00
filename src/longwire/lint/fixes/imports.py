"""The name of a module of the standard library in a text, imported where it is not yet."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from longwire.lint.fixes.fix import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longwire.lint.fixes.code import Code


def name_of(code: Code, module: str, *, beside: str) -> tuple[str, Sequence[Edit]] | None:
    """What a module is called in a text, and the edits that import it.

    Only an import among the module's own statements counts: one in a function, for type checkers,
    or in a try may be missing where it is needed. And nothing else in the text may bear that name.

    Args:
        code: The text.
        module: The module.
        beside: Another one, beside whose import it is to be imported.

    Returns:
        None, if its name stands for something else anywhere.
    """
    tree = code.file.module.tree
    bound = list(_bound(tree))
    own = {
        alias: _name(alias)
        for statement in tree.body
        if isinstance(statement, ast.Import)
        for alias in statement.names
        if alias.name == module or (alias.name.startswith(f"{module}.") and alias.asname is None)
    }
    for name in sorted(own.values(), key=len):
        if all(node in own for node, other in bound if other == name):
            return name, ()
    if own or any(other == module for _, other in bound):
        return None
    edit = _import(code, module, beside)
    return None if edit is None else (module, (edit,))


def _name(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _bound(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """All names that are given a meaning anywhere in a file, each with what gives it."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield node, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node, name
            case ast.ClassDef(name=name) | ast.MatchStar(name=str(name)):
                yield node, name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield node, name
            case ast.MatchMapping(rest=str(name)):
                yield node, name
            case ast.alias():
                yield node, _name(node)


def _import(code: Code, module: str, beside: str) -> Edit | None:
    """An import on a line of its own, before the others that come later in the alphabet."""
    body = code.file.module.tree.body
    number = _place(body, module, beside)
    if number == len(body):
        return None
    statement = body[number]
    line = min(
        [statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))]
    )
    if number and (body[number - 1].end_lineno or 0) >= line:
        return None  # several statements on a line
    at = code.line_start(line)
    return Edit(at, at, f"import {module}{code.newline(line)}")


def _place(body: Sequence[ast.stmt], module: str, beside: str) -> int:
    """The number of the statement that it is to stand before."""
    heads = [number for number, one in enumerate(body) if _is_head(one, number)]
    first = heads[-1] + 1 if heads else 0
    imports = [
        number
        for number, one in enumerate(body)
        if number >= first and isinstance(one, ast.Import | ast.ImportFrom)
    ]
    if not imports:
        return first
    place = next((number for number in imports if _imports(body[number], beside)), imports[0])
    while place > first and _comes_behind(body[place], body[place - 1], module):
        place -= 1
    return place


def _is_head(statement: ast.stmt, number: int) -> bool:
    """Whether it is the docstring or an import from the future, before which nothing may stand."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return number == 0
        case ast.ImportFrom(module="__future__"):
            return True
    return False


def _imports(statement: ast.stmt, module: str) -> bool:
    match statement:
        case ast.Import(names=names):
            return any(one.name == module for one in names)
        case ast.ImportFrom(module=name):
            return name == module
    return False


def _comes_behind(statement: ast.stmt, before: ast.stmt, module: str) -> bool:
    """Whether a module is to be imported above the statement before another one, too."""
    end = before.end_lineno or 0
    if end == statement.lineno:
        return True  # on the same line
    is_near = end + 1 == statement.lineno
    return is_near and isinstance(before, ast.Import) and before.names[0].name > module
