"""The functions that a module hands to websocket-client to be called back."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.python.meanings import Meanings
    from longwire.lint.python.records import Call, Function

CALLBACKS: Final = {
    "on_open": 1,
    "on_reconnect": 1,
    "on_message": 2,
    "on_error": 2,
    "on_close": 3,
    "on_ping": 2,
    "on_pong": 2,
    "on_cont_message": 3,
    "on_data": 4,
}
"""With how many arguments websocket-client (1.0 and later) calls each; the first one is the app."""


class Callback(NamedTuple):
    """A function that is called back.

    Attributes:
        name: What it is called for: ``"on_close"``.
        value: The expression that gives it.
        written_in: The function that the expression is in.
    """

    name: str
    value: ast.expr
    written_in: Function

    def function(self, meanings: Meanings) -> Function | None:
        """The function of this module that is called in the end."""
        return meanings.function(self.value, self.written_in)


def callbacks(meanings: Meanings) -> Iterator[Callback]:
    """What is handed to the apps of websocket-client: as an argument, or as an attribute later."""
    for call in meanings.module.calls.values():
        if _makes_app(call, meanings):
            for one in call.node.keywords:
                if one.arg in CALLBACKS:
                    yield Callback(one.arg, one.value, call.function)
    for function in meanings.module.functions:
        for store in function.stores:
            target = store.target
            if (
                isinstance(target, ast.Attribute)
                and target.attr in CALLBACKS
                and meanings.kind(target.value, function) == "websocket-client.app"
            ):
                yield Callback(target.attr, store.value, function)


def _makes_app(call: Call, meanings: Meanings) -> bool:
    if meanings.name(call.node.func, call.function) == "websocket.WebSocketApp":
        return True
    match call.node.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
            owner = call.function.owner
            return owner is not None and "websocket.WebSocketApp" in meanings.bases(owner)
    return False
