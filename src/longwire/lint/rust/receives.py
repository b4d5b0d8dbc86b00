"""Which calls receive from a WebSocket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.rust.roles import UNKNOWN, Kind, Role, Shape
from longwire.lint.rust.sockets import LIBRARIES
from longwire.lint.rust.values import ENDS, ERRORS

if TYPE_CHECKING:
    from longwire.lint.rust.meanings import Meanings
    from longwire.lint.rust.records import Call
    from longwire.lint.rust.sockets import Library
    from longwire.lint.rust.syntax import Node
    from longwire.lint.rust.values import Value

_NAMES: Final = re.compile(
    r"(^|_)(ws|wss|web_?socket|sock(et)?|stream|read(er)?|rx|recv|receiver|incoming|conn(ection)?"
    r"|client|source|inner)(_|\d|$)",
    re.IGNORECASE,
)
_MESSAGES: Final = re.compile(
    r"\b(Ws|WS|WebSocket|Tungstenite|Client|Axum|T)?Message::(Text|Binary|Ping|Pong|Close)\b"
)
_RESULTS: Final = re.compile(r"\b(Ok|Err)\s*\(|\?|is_err|is_ok")
_AROUND: Final = frozenset(
    {"match_expression", "if_expression", "while_expression", "select_arm", "let_declaration"}
)


class Receive(NamedTuple):
    """A receive from a WebSocket.

    Attributes:
        call: The call of `next`, `recv`, `read` or the like; whether it is awaited itself or
            handed over to a `timeout` or a `select!` is not said.
        kind: Of the socket, or of its half. ``"websocket?"``: it is one by its messages only.
        shape: Of what it gives.
    """

    call: Call
    kind: Kind
    shape: Shape

    @property
    def library(self) -> Library:
        """How the socket behaves."""
        return LIBRARIES[self.kind.family]

    @property
    def is_sure(self) -> bool:
        """The types say that it is a WebSocket."""
        return self.kind.family != "websocket?"

    @property
    def error(self) -> Value:
        """What it gives when the connection fails."""
        return ERRORS[self.shape]

    @property
    def end(self) -> Value:
        """What it gives again and again once the connection has ended."""
        return ENDS[self.shape]

    @property
    def text(self) -> str:
        """As a reader of a message knows it: ``read.next()``."""
        return " ".join(self.call.node.text.split())


def find_receives(meanings: Meanings) -> list[Receive]:
    """The receives of a file."""
    found = []
    for call in meanings.module.calls.values():
        known = meanings.known(call)
        if Role.RECEIVE in known.role and known.shape is not None:
            if meanings.module.body_of(call.node).how != "file":
                found.append(Receive(call, _socket(meanings.kind(call.receiver)), known.shape))
        elif call.name in ("next", "try_next") and _looks_like_one(call, meanings):
            shape = Shape.OPTION_RESULT if call.name == "next" else Shape.RESULT_OPTION
            found.append(Receive(call, Kind("websocket?"), shape))
    return found


def _socket(kind: Kind) -> Kind:
    while kind.name.startswith("guard.") and kind.of:
        kind = kind.of[0]
    return kind


def _looks_like_one(call: Call, meanings: Meanings) -> bool:
    """Whether what is unknown is a WebSocket by its name, and by the messages that come from it."""
    if call.receiver is None or call.arguments or not meanings.types.libraries:
        return False
    if meanings.kind(call.receiver) is not UNKNOWN or meanings.function(call) is not None:
        return False
    name = re.split(r"[.\s]", call.receiver.text.rstrip("()&* "))[-1]
    if not _NAMES.search(name) or not _is_waited_for(call.node):
        return False
    around = next((one for one in call.node.outward() if one.kind in _AROUND), None)
    if around is not None and around.kind == "let_declaration":
        around = around.parent  # what has got a name is looked at behind it
    text = around.text if around is not None else ""
    return bool(_MESSAGES.search(text) and _RESULTS.search(text))


def _is_waited_for(node: Node) -> bool:
    return any(one.kind in ("await_expression", "select_arm") for one in _near(node))


def _near(node: Node) -> list[Node]:
    found = []
    for one in node.outward():
        if one.kind in ("block", "match_arm"):
            break
        found.append(one)
    return found
