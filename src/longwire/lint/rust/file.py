"""A Rust file as the rules see it.

What a rule can ask:

- `RustFile.receives`: every receive from a WebSocket, with the library, and how its messages, its
  errors and its end look (`Receive`).
- `RustFile.turns`: what the program does in a turn of a loop once a call has given a value, such as
  ``turns(loop, receive.call, receive.end)``: the `Way`s from there, and how each ends.
- `RustFile.calls`: the calls that have a `Role`: sleeps, channels, spawns, locks.
- `RustFile.meanings`: what a value is (`Meanings.kind`), what a call does (`Meanings.role`), which
  function it calls, and who calls that.
- `RustFile.context`: whether a body runs on a thread of an async runtime.
- `RustFile.module`: the records. A `Node` knows what is around it: `Module.loop_of`,
  `Module.body_of`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.finding import Confidence, Report
from longwire.lint.python.file import is_test_path
from longwire.lint.rust.collect import collect
from longwire.lint.rust.context import Context
from longwire.lint.rust.meanings import Meanings
from longwire.lint.rust.receives import Receive, find_receives
from longwire.lint.rust.roles import Role
from longwire.lint.rust.syntax import read
from longwire.lint.rust.turns import FREE
from longwire.lint.rust.turns import turns as find_turns
from longwire.lint.rust.values import MESSAGES, UNIT
from longwire.lint.rust.ways import End

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Severity
    from longwire.lint.rust.records import Body, Call, Loop
    from longwire.lint.rust.syntax import Node
    from longwire.lint.rust.values import Value
    from longwire.lint.rust.ways import Way

_WORDS: Final = (
    b"tungstenite",
    b"SplitStream",
    b"SplitSink",
    b"WebSocketStream",
    b"fastwebsockets",
    b"ezsockets",
    b"soketto",
    b"yawc",
    b"actix_ws",
    b"rocket_ws",
    b"websocket::",
    b"websockets::",
)
_MODULE: Final = re.compile(rb"\bws::")
_ACTS: Final = (b"await", b"async", b"loop", b"while")
"""What is in no file that only declares types and converts messages."""
_LEAVES: Final = re.compile(r"\b(break|return)\b|bail!")


def may_be_about_websockets(source: bytes) -> bool:
    """Whether it is worth while to parse a file. Fast, and right where it says no."""
    # Many times as fast as a regular expression, and true of few files.
    if not any(word in source for word in _WORDS) and (
        b"ws::" not in source or _MODULE.search(source) is None
    ):
        return False
    return any(word in source for word in _ACTS)


class _Place(NamedTuple):
    line: int
    column: int


class RustFile:
    """What is known of a file.

    Args:
        source: It, as it is. What cannot be parsed is left out, and the rest is looked at.
        path: Its own, for rules that judge a test more mildly.

    Raises:
        ParserMissing: the extra ``lint`` is not installed.
    """

    def __init__(self, source: bytes, path: str = "") -> None:
        self.source = source
        self.path = path
        self.tree = read(source)
        self.module = collect(self.tree)
        self.meanings = Meanings(self.module)
        self.context = Context(self.meanings)
        self._turns: dict[tuple[Loop, Call, Value, Role], frozenset[Way]] = {}

    @cached_property
    def about_websockets(self) -> bool:
        """It names a library for WebSockets, or has half a socket."""
        return bool(self.meanings.types.libraries) or bool(self.receives)

    @cached_property
    def receives(self) -> list[Receive]:
        """The receives from WebSockets, in the file's order."""
        return find_receives(self.meanings)

    @cached_property
    def is_test(self) -> bool:
        """It is a test, or belongs to one."""
        return is_test_path(self.path)

    @cached_property
    def is_client(self) -> bool:
        """It opens connections."""
        return any(self.calls(Role.CONNECT))

    def calls(self, role: Role) -> Iterator[Call]:
        """The calls that have any of some roles by themselves, in the file's order."""
        for call in self.module.calls.values():
            if self.meanings.role(call) & role:
                yield call

    def turns(self, loop: Loop, target: Call, value: Value, free: Role = FREE) -> frozenset[Way]:
        """The ways through a turn of a loop that come by a call which gives a value.

        None of them, where there are too many to look at.

        Args:
            loop: The loop; the call may be in a loop inside it.
            target: The call.
            value: See `longwire.lint.rust.values`.
            free: What is awaited without suspending: on a connection that has ended, to send, too.
        """
        key = (loop, target, value, free)
        if key not in self._turns:
            self._turns[key] = find_turns(loop, target, value, self.meanings, free)
        return self._turns[key]

    def leaves_when_told(self, receive: Receive, loop: Loop) -> bool:
        """Whether a loop is left for an error, and for a message that closes the connection.

        What comes behind such a message or an error, the end itself, then hardly ever comes first.
        """
        errors = self.turns(loop, receive.call, receive.error)
        if not errors or any(way.stays for way in errors):
            return False
        return any(_leaves_at_close(node) for node in loop.node.walk())

    @staticmethod
    def is_dropped(call: Call) -> bool:
        """Whether nobody looks at what a call gives: it is a statement, or assigned to ``_``."""
        parent = call.node.parent
        if parent is None:
            return False
        if parent.kind == "let_declaration":
            return parent.need("pattern").text.startswith("_")
        if parent.kind == "expression_statement":
            return parent.text.endswith(";")
        return False

    def says_behind(self, loop: Loop) -> bool:
        """Whether anything is called, or goes on, behind a loop in its body."""
        inner = loop.node
        for outer in loop.node.outward():
            if any(_says(one) for one in outer.children if one.start >= inner.end):
                return True
            if outer in self.module.by_node:
                return False
            if outer in self.module.loops:
                return True
            inner = outer
        return False

    @cached_property
    def reconnects(self) -> list[tuple[Call, Loop]]:
        """The connects in a loop, direct ones and those by a function of this file."""
        found = []
        for call in self.module.calls.values():
            loop = self.module.loop_of(call.node)
            if loop is None or Role.CONNECT not in self.meanings.does(call):
                continue
            function = self.meanings.function(call)
            if function is None or not function.loops:
                found.append((call, loop))
        return found

    def is_reader(self, receive: Receive, loop: Loop) -> bool:
        """Whether a loop goes on with the next message; one that hands out a message does not."""
        ways = self.turns(loop, receive.call, MESSAGES[receive.shape])
        return any(way.stays for way in ways) and not any(_hands_out(way) for way in ways)

    @staticmethod
    def accepts(body: Body) -> bool:
        """Whether a body is that of a server: it accepts the connection."""
        return any("accept" in call.name for one in body.outward() for call in one.calls)

    def matches(self, body: Body) -> Iterator[Node]:
        """The matches of a body, and not those of bodies inside it."""
        for node in self._matches:
            if self.module.body_of(node) is body:
                yield node

    @cached_property
    def _matches(self) -> list[Node]:
        return [node for node in self.tree.walk() if node.kind == "match_expression"]

    @staticmethod
    def name_of_method(node: Node) -> Node:
        """Of a call, the name of the method: the place to point at in a long chain."""
        return node.need("function").field("field") or node

    def loops_around(self, node: Node) -> Iterator[Loop]:
        """The loops around a node in the same body, from the inside to the outside."""
        loop = self.module.loop_of(node)
        while loop is not None:
            yield loop
            loop = self.module.loop_of(loop.node)

    def report(
        self,
        node: Node,
        message: str,
        *,
        help: str,  # noqa: A002 - the word that every linter uses
        confidence: Confidence = Confidence.HIGH,
        severity: Severity | None = None,
    ) -> Report:
        """What a rule says of a node."""
        begin, end = self._place(node.start), self._place(node.end)
        return Report(
            begin.line,
            begin.column,
            end.line,
            end.column,
            message,
            help,
            confidence,
            severity,
        )

    def line(self, node: Node) -> int:
        """The line that a node begins in, from 1."""
        return self._place(node.start).line

    @cached_property
    def _lines(self) -> list[int]:
        """Where the lines begin."""
        return [0, *(one.end() for one in re.finditer(rb"\n", self.source))]

    def _place(self, offset: int) -> _Place:
        line = bisect_right(self._lines, offset)
        begin = self._lines[line - 1]
        before = self.source[begin:offset].decode(errors="replace")
        return _Place(line, len(before) + 1)


def _hands_out(way: Way) -> bool:
    """Whether a way leaves the body with something for the caller."""
    value = way.value
    is_good = value is not None and value[0] in ("Ok", "Some") and len(value) > 1
    return way.end is End.RETURNS and is_good and value[1] != UNIT  # type: ignore[index]


def _leaves_at_close(node: Node) -> bool:
    """Whether it is a branch for a message that closes, and leaves the loop."""
    told = {"match_arm": ("pattern", "value"), "if_expression": ("condition", "consequence")}
    names = told.get(node.kind)
    if names is None:
        return False
    asked, then = (node.need(name).text for name in names)
    return "Close" in asked and _LEAVES.search(then) is not None


_SAYS: Final = frozenset(
    {"call_expression", "macro_invocation", "loop_expression", "while_expression"}
)


def _says(node: Node) -> bool:
    return any(
        one.kind in _SAYS and not one.text.startswith(("Ok(", "Ok::")) for one in node.walk()
    )
