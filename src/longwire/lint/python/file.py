"""A Python file as the rules see it."""

from __future__ import annotations

import ast
import itertools
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Report
from longwire.lint.python.callgraph import CallGraph
from longwire.lint.python.collect import collect
from longwire.lint.python.meanings import Meanings
from longwire.lint.python.messages import Messages
from longwire.lint.python.paths import Paths
from longwire.lint.python.reading import parse
from longwire.lint.python.roles import Role
from longwire.lint.python.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Severity
    from longwire.lint.python.records import Binding, Call, Function, Loop, Place

_PACKAGES: Final = "picows|longwire|wsproto|httpx_ws"
_IMPORTED: Final = re.compile(
    # An import may be the first thing behind a byte order mark, or further on in a line.
    rb"(?:^(?:\xef\xbb\xbf)?|[\r;:])[ \t\f]*(?:from|import)[ \t]"
    rb"(?:[^\n(]*|[^\n(]*\([^)]*)(?:websocket|%b)" % _PACKAGES.encode(),
    re.IGNORECASE | re.MULTILINE,
)
_WORDS: Final = (b"websocket", b"wsmsg", b"ws_connect", *_PACKAGES.encode().split(b"|"))
"""One of them must be there, in whatever case."""
_AIOHTTP: Final = re.compile(rb"ws_connect|WebSocketResponse|WSMsgType")
_ABOUT: Final = re.compile(rf"websocket|ws_connect|WSMsgType|^({_PACKAGES})\b", re.IGNORECASE)
_TEST: Final = re.compile(
    r"(^|[\\/])((?:tests?|benches)[\\/]|test_[^\\/]*$|[^\\/]*_test\.py$|conftest\.py$)"
)
_SERVES: Final = re.compile(
    r"WebSocketServer|ServerConnection|\bWebSocketResponse|^(websockets|longwire)[\w.]*\.(unix_)?serve$|"
    r"^(fastapi|starlette|sanic|quart|channels)\b|WebSocketHandler"
)
"""What only servers import."""
_SERVED: Final = re.compile(
    r"\b(web|aiohttp)\.WebSocketResponse\b|\bwebsockets\.serve\b|\bServerConnection\b|"
    r"\bWebSocketServerProtocol\b"
)
"""What only servers write."""


def may_be_about_websockets(source: bytes) -> bool:
    """Whether it is worth while to parse a file. Fast, and right where it says no."""
    lowered = source.lower()
    if not any(one in lowered for one in _WORDS):
        return False  # many times as fast as a regular expression, and true of most files
    return (b"aiohttp" in source and _AIOHTTP.search(source) is not None) or (
        _IMPORTED.search(source) is not None
    )


def is_test_path(path: str) -> bool:
    """Whether a file is a test, by its name or its directories."""
    return _TEST.search(path) is not None


def by_way_of(by: Function | None) -> str:
    """What to say of a function that is only called by one that runs on the event loop."""
    return "" if by is None else f", called by {by.name!r}, which runs on the event loop,"


class PythonFile:
    """What is known of a file.

    Args:
        text: Its source.
        path: As it was given; it tells whether the file is a test.

    Raises:
        SyntaxError: it is no Python that this Python can read.
    """

    def __init__(self, text: str, path: str = "") -> None:
        self.text = text
        self.path = path
        self.module = collect(parse(text))
        self.meanings = Meanings(self.module)
        self.graph = CallGraph(self.meanings)
        self.paths = Paths(self.module, self.meanings)
        self.tasks = Tasks(self.module, self.meanings)
        self.messages = Messages(self.module, self.meanings, self.graph)

    @cached_property
    def about_websockets(self) -> bool:
        """It imports something that deals with WebSockets."""
        imported = self.module.imported
        return any(_ABOUT.search(name) for name in imported.values()) or (
            any(name.partition(".")[0] == "aiohttp" for name in imported.values())
            and _AIOHTTP.search(self.text.encode()) is not None
        )

    @cached_property
    def is_test(self) -> bool:
        """It is a test, where a connection does not live long, and standing still is no harm."""
        return is_test_path(self.path) or any(
            name.partition(".")[0] in ("pytest", "unittest")
            for name in self.module.imported.values()
        )

    def serves(self, kind: str) -> bool:
        """Whether connections of a kind are those of a server's clients, as far as is seen."""
        if kind in ("starlette", "sanic", "quart", "tornado.handler"):
            return True
        imported = self.module.imported.values()
        return any(_SERVES.search(one) for one in imported) or (
            _SERVED.search(self.text) is not None
        )

    def calls(self, role: Role) -> Iterator[Call]:
        """The calls of functions of libraries that have any of some roles, in the file's order."""
        for call in self.module.calls.values():
            if self.meanings.known(call).role & role:
                yield call

    def receives(self) -> Iterator[Call]:
        """The calls that receive from a connection."""
        return self.calls(Role.RECEIVE)

    @cached_property
    def ever_receives(self) -> bool:
        """Anything in it receives: by a call, or by a loop over a connection."""
        return any(True for _ in self.receives()) or any(
            self.meanings.received_over(loop)
            for function in self.module.functions
            for loop in function.loops
        )

    def receives_in(self, loop: Loop) -> Iterator[tuple[Place, str | None]]:
        """Where a loop receives: the places, each with the kind of its connection.

        Its own receives, loops inside it over a connection, and calls of functions of this module
        that receive; the kind is None for those.
        """
        function = loop.place.function
        for call in loop.calls:
            if Role.RECEIVE in self.meanings.role(call):
                yield call.place, self.meanings.connection(call)
        for inner in function.loops:
            kind = self.meanings.received_over(inner)
            if loop in inner.place.loops and kind is not None:
                yield inner.place, kind

    def receives_of(self, function: Function) -> Iterator[tuple[Place, str | None]]:
        """Where a function itself receives: the places, each with the kind of its connection."""
        for call in function.calls:
            if Role.RECEIVE in self.meanings.known(call).role:
                yield call.place, self.meanings.connection(call)
        for loop in function.loops:
            kind = self.meanings.received_over(loop)
            if kind is not None:
                yield loop.place, kind

    def reconnect_loops(self) -> Iterator[Loop]:
        """While loops that connect and receive at each turn, by themselves or by what they call.

        The innermost ones that do both.
        """
        both = Role.CONNECT | Role.RECEIVE
        for function in self.module.functions:
            does = {loop: self.does_in(loop) for loop in function.loops}
            for loop, role in does.items():
                inner = any(
                    loop in one.place.loops and does[one] & both == both for one in function.loops
                )
                if isinstance(loop.node, ast.While) and role & both == both and not inner:
                    yield loop

    def connect_loops(self) -> Iterator[Loop]:
        """Loops over connects: ``async for ws in connect(...)``."""
        for function in self.module.functions:
            for loop in function.loops:
                made = loop.node.iter if isinstance(loop.node, ast.AsyncFor) else None
                call = self.module.calls.get(made) if isinstance(made, ast.Call) else None
                if call is not None and Role.CONNECT in self.meanings.known(call).role:
                    yield loop

    def in_receive_loop(self, binding: Binding) -> bool:
        """Whether the innermost loop around a binding is one that has received before it."""
        around = [
            loop
            for loop in binding.function.loops
            if loop.node.lineno < binding.source.lineno <= (loop.node.end_lineno or 0)
        ]
        if not around:
            return False
        innermost = max(around, key=lambda loop: loop.node.lineno)
        return self.meanings.received_over(innermost) is not None or any(
            call.loop is innermost and call.node.lineno <= binding.source.lineno
            for call in self.receives()
        )

    def does_in(self, loop: Loop) -> Role:
        """What a loop does, with all functions of this module that it calls."""
        role = Role.NONE
        for call in loop.calls:
            role |= self.meanings.role(call)
        return role | Role.RECEIVE if any(self.receives_in(loop)) else role

    def following(self, statement: ast.stmt) -> ast.stmt | None:
        """The statement behind another one in the same block, None for the last one."""
        return self._following.get(statement)

    @cached_property
    def _following(self) -> dict[ast.stmt, ast.stmt]:
        found: dict[ast.stmt, ast.stmt] = {}
        for node in ast.walk(self.module.tree):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list):
                    found.update(itertools.pairwise(block))
        return found

    def in_event_loop(self, *names: str) -> Iterator[tuple[Call, Function | None]]:
        """Calls of functions of libraries that are made on the thread of an event loop.

        Each comes with the coroutine function that calls the function it is in; None, where it is
        in the coroutine itself.

        Args:
            names: Full names of the called functions.
        """
        for call, by in self.blocking_in_event_loop():
            if self.meanings.name(call.node.func, call.function) in names:
                yield call, by

    def blocking_in_event_loop(self) -> Iterator[tuple[Call, Function | None]]:
        """All calls that block, functions and methods, as `in_event_loop` gives them."""
        for call in self.calls(Role.BLOCK):
            if call.awaited:
                continue
            if self.graph.on_event_loop(call.function):
                yield call, None
            else:
                by = self.graph.called_in_event_loop(call.function)
                if by is not None:
                    yield call, by

    def report(
        self,
        node: ast.AST,
        message: str,
        *,
        help: str,  # noqa: A002 - the word that every linter uses
        confidence: Confidence = Confidence.HIGH,
        severity: Severity | None = None,
    ) -> Report:
        """What a rule says of a node."""
        line, end_line = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
        return Report(
            line,
            self._column(line, node.col_offset),  # type: ignore[attr-defined]
            end_line,
            self._column(end_line, node.end_col_offset or 0),  # type: ignore[attr-defined]
            message,
            help,
            confidence,
            severity,
        )

    @cached_property
    def _lines(self) -> list[str]:
        return re.split(r"\r\n|\r|\n", self.text)

    def _column(self, line: int, offset: int) -> int:
        """The column of an offset in bytes of UTF-8, as Python gives it."""
        return len(self._lines[line - 1].encode()[:offset].decode(errors="replace")) + 1
