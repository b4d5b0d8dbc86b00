"""What a receive may give, as far as a pattern can tell, and which pattern takes it.

A value is written as in Rust: ``("Some", ("Err", None))`` is ``Some(Err(_))``. None is a value of
which nothing is known.
"""

from __future__ import annotations

import enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from longwire.lint.rust.names import last, path_of
from longwire.lint.rust.roles import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from longwire.lint.rust.syntax import Node

Value = tuple[Any, ...] | None

NONE: Final[Value] = ("None",)
ERR: Final[Value] = ("Err", None)
TRUE: Final[Value] = ("true",)
FALSE: Final[Value] = ("false",)
UNIT: Final[Value] = ("()",)
EMPTY: Final[Value] = ("empty",)
"""An iterator without items."""
CONSTANTS: Final[Mapping[str, Value]] = MappingProxyType(
    {"None": NONE, "true": TRUE, "false": FALSE, "()": UNIT}
)
"""Values by how they are written."""

MESSAGES: Final[Mapping[Shape, Value]] = MappingProxyType(
    {
        Shape.OPTION_RESULT: ("Some", ("Ok", None)),
        Shape.RESULT_OPTION: ("Ok", ("Some", None)),
        Shape.RESULT: ("Ok", None),
        Shape.OPTION: ("Some", None),
    }
)
"""A message."""
ERRORS: Final[Mapping[Shape, Value]] = MappingProxyType(
    {
        Shape.OPTION_RESULT: ("Some", ERR),
        Shape.RESULT_OPTION: ERR,
        Shape.RESULT: ERR,
        Shape.OPTION: NONE,
    }
)
"""The connection has failed."""
ENDS: Final[Mapping[Shape, Value]] = MappingProxyType(
    {
        Shape.OPTION_RESULT: NONE,
        Shape.RESULT_OPTION: ("Ok", NONE),
        Shape.RESULT: ERR,
        Shape.OPTION: NONE,
    }
)
"""The connection has ended, and said so before."""

_OTHERS: Final = MappingProxyType(
    {"Some": "None", "None": "Some", "Ok": "Err", "Err": "Ok", "true": "false", "false": "true"}
)


class Fit(enum.IntEnum):
    """Whether a pattern takes a value."""

    NO = 0
    MAYBE = 1
    YES = 2


Names = dict[str, Value]


def fit(pattern: Node | None, value: Value) -> tuple[Fit, Names]:
    """Whether a pattern takes a value, and what its names stand for then."""
    if pattern is None:
        return Fit.MAYBE, {}
    children = pattern.children
    match pattern.kind:
        case "_" | "remaining_field_pattern":
            return Fit.YES, {}
        case "match_pattern":
            found, names = fit(children[0] if children else None, value)
            has_guard = pattern.field("condition") is not None
            return (min(found, Fit.MAYBE) if has_guard else found), names
        case "identifier" | "scoped_identifier" | "boolean_literal":
            return _by_name(pattern, value)
        case "tuple_struct_pattern":
            return _constructed(pattern, value)
        case "or_pattern":
            return _either(children, value)
        case "ref_pattern" | "mut_pattern" | "reference_pattern":
            return fit(children[-1] if children else None, value)
        case "captured_pattern" if len(children) > 1:
            found, names = fit(children[-1], value)
            return found, names | {children[0].text: value}
        case "tuple_pattern":
            return _together([fit(one, None) for one in children])
    return Fit.MAYBE, {}


def _by_name(pattern: Node, value: Value) -> tuple[Fit, Names]:
    name = last(pattern.text)
    if pattern.kind == "identifier" and not name[:1].isupper():
        return Fit.YES, {name: value}
    if value is None or name not in _OTHERS:
        return Fit.MAYBE, {}
    return (Fit.YES if name == value[0] else Fit.NO), {}


def _constructed(pattern: Node, value: Value) -> tuple[Fit, Names]:
    name = last(path_of(pattern.field("type")) or "")
    inside = pattern.children[1:]
    if value is None or name not in _OTHERS:
        found, names = _together([fit(one, None) for one in inside])
        return min(found, Fit.MAYBE), names
    if name != value[0]:
        return Fit.NO, {}
    return fit(inside[0], value[1] if len(value) > 1 else None) if inside else (Fit.YES, {})


def _either(patterns: list[Node], value: Value) -> tuple[Fit, Names]:
    best, names = Fit.NO, Names()
    for one in patterns:
        found, bound = fit(one, value)
        if found > best:
            best, names = found, bound
    return best, names


def _together(parts: list[tuple[Fit, Names]]) -> tuple[Fit, Names]:
    names = Names()
    for _, bound in parts:
        names |= bound
    return min((found for found, _ in parts), default=Fit.YES), names


def after_method(name: str, value: Value) -> Value | tuple[()]:
    """What a method of an option or a result gives; the empty tuple, where it panics."""
    if value is None or value[0] not in ("Some", "None", "Ok", "Err"):
        return None
    good = value[0] in ("Some", "Ok")
    inner: Value = value[1] if len(value) > 1 else None
    match name:
        case "unwrap" | "expect":
            return inner if good else ()
        case "is_some" | "is_ok":
            return TRUE if good else FALSE
        case "is_none" | "is_err":
            return FALSE if good else TRUE
        case "ok":
            return ("Some", inner) if good else NONE
        case "map_err" | "inspect_err" | "inspect" | "as_ref" | "as_mut" | "clone" | "cloned":
            return value
        case "ok_or" | "ok_or_else" | "context" | "with_context":
            return ("Ok", inner) if good else ERR
        case "map" | "and_then":
            return (value[0], None) if good else value
        case "flatten":
            return inner if good else value
        case "transpose":
            return _transposed(value, inner)
    return None


def _transposed(value: tuple[Any, ...], inner: Value) -> Value:
    if value == NONE:
        return ("Ok", NONE)
    if inner == NONE:
        return NONE
    if inner is None or len(inner) < 2:
        return None
    if value[0] == "Ok":
        return ("Some", ("Ok", inner[1]))
    return ("Ok", ("Some", inner[1])) if inner[0] == "Ok" else ERR
