"""What a fault says of itself: a record for programs, a page for people."""

from __future__ import annotations

import dataclasses
import inspect
import shlex
import typing
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from longwire.chaos.values import Bytes, Seconds
from longwire.core.causes import CATALOGUE

if TYPE_CHECKING:
    from longwire.chaos.fault import Fault

_KINDS: Final[dict[Any, str]] = {
    Seconds: "seconds",
    Bytes: "bytes",
    bool: "yes or no",
    int: "a whole number",
    float: "a number",
    str: "text",
}
_SCOPES: Final = {
    "lane": "one direction of a connection",
    "crossing": "a connection with both its directions",
    "proxy": "the whole proxy",
}


class Option(NamedTuple):
    """What a user can set of a fault."""

    name: str
    kind: str
    """What its values are, in words."""
    default: object


def options_of(kind: type[Fault]) -> list[Option]:
    """The options of a fault, in the order of its fields."""
    hints = kind.options()
    return [
        Option(one.name, _in_words(hints[one.name]), one.default)
        for one in dataclasses.fields(kind)
        if one.init
    ]


def record_of(kind: type[Fault]) -> dict[str, object]:
    """All of it for JSON."""
    return {
        "name": kind.name(),
        "about": kind.about(),
        "scope": kind.scope,
        "direction": kind.direction,
        "momentary": kind.momentary,
        "options": [one._asdict() for one in options_of(kind)],
        "reproduces": list(kind.reproduces),
    }


def page_of(kind: type[Fault]) -> str:
    """The manual: what it does, its options, where it works, and which causes it reproduces."""
    manual = inspect.getdoc(kind) or kind.about()
    lasts = "it happens in one moment" if kind.momentary else "it lasts until it is ended"
    lines = [
        f"{kind.name()}: {manual.replace('Attributes:', 'Options:')}",
        "",
        f"Works on {_SCOPES[kind.scope]}; direction={kind.direction} by default; {lasts}.",
    ]
    options = options_of(kind)
    if options:
        lines += ["", "Written as:"]
        lines += [f"    {one.name}={_written(one.default)}  ({one.kind})" for one in options]
    if kind.reproduces:
        lines += ["", "Reproduces:"]
        lines += [f"    {cause}: {CATALOGUE[cause].title}" for cause in kind.reproduces]
    return "\n".join(lines)


def _in_words(hint: Any) -> str:
    if typing.get_origin(hint) is Literal:
        return " or ".join(map(str, typing.get_args(hint)))
    return _KINDS[hint]


def _written(value: object) -> str:
    """A value as it is written on the command line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return shlex.quote(str(value))
