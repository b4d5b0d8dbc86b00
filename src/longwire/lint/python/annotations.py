"""The kinds of annotated values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from longwire.lint.python import sockets, standard
from longwire.lint.python.names import dotted

if TYPE_CHECKING:
    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Function

_TYPES: Final = {**standard.TYPES, **sockets.TYPES}
_OF: Final = frozenset(
    {"list", "set", "frozenset", "tuple", "deque", "List", "Set", "Tuple", "Deque"}
    | {"Sequence", "Iterable", "Collection", "MutableSet", "WeakSet", "AsyncIterable"}
)
"""What holds values of the first type in its brackets."""
_OF_PAIRS: Final = frozenset(
    {"dict", "Dict", "defaultdict", "Mapping", "MutableMapping", "OrderedDict"}
    | {"WeakValueDictionary"}
)
"""What holds values of the last one."""
_AS_IT_IS: Final = frozenset(
    {"Optional", "Final", "ClassVar", "Annotated", "AsyncIterator", "AsyncGenerator", "Awaitable"}
)
"""What is, or gives in the end, a value of the first one."""


def annotated(annotation: ast.expr, function: Function, meanings: Meanings) -> str | None:
    """The kind of a value that is annotated so.

    Args:
        annotation: May be a string.
        function: Whose names it is written with.
        meanings: Of the module.
    """
    match annotation:
        case ast.Constant(value=str(text)):
            try:
                return annotated(ast.parse(text, mode="eval").body, function, meanings)
            except SyntaxError:
                return None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return annotated(left, function, meanings) or annotated(right, function, meanings)
        case ast.Subscript(value=base, slice=inside):
            parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            kinds = [annotated(one, function, meanings) for one in parts]
            return _generic((dotted(base) or ("",))[-1], kinds) or annotated(
                base, function, meanings
            )
        case ast.Name(id=name) if name in meanings.module.classes:
            return f"class:{name}"
    full = meanings.name(annotation, function)
    return None if full is None else _TYPES.get(full)


def _generic(name: str, kinds: list[str | None]) -> str | None:
    if name in _OF | _OF_PAIRS:
        kind = kinds[0] if name in _OF else kinds[-1]
        return None if kind is None else f"[{kind}]"
    if name in _AS_IT_IS:
        return kinds[0]
    return next(filter(None, kinds), None) if name == "Union" else None
