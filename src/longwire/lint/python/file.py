"""A Python file as the rules see it."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence, Report
from longwire.lint.python.collect import collect
from longwire.lint.python.meanings import Meanings
from longwire.lint.python.paths import Paths
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Severity
    from longwire.lint.python.records import Call, Function

_MENTIONED: Final = re.compile(rb"websocket|ws_connect|picows|longwire|wsproto", re.IGNORECASE)
_ABOUT: Final = re.compile(
    r"websocket|ws_connect|WSMsgType|^(picows|longwire|wsproto|httpx_ws)\b", re.IGNORECASE
)


def may_be_about_websockets(source: bytes) -> bool:
    """Whether it is worth while to parse a file. Fast, and right where it says no."""
    return _MENTIONED.search(source) is not None


class PythonFile:
    """What is known of a file.

    Args:
        text: Its source.

    Raises:
        SyntaxError: it is no Python that this Python can read.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.module = collect(ast.parse(text))
        self.meanings = Meanings(self.module)
        self.paths = Paths(self.module, self.meanings)

    @cached_property
    def about_websockets(self) -> bool:
        """It imports something that deals with WebSockets."""
        imported = self.module.imported
        return any(_ABOUT.search(name) for name in imported.values()) or (
            "aiohttp" in imported.values() and _MENTIONED.search(self.text.encode()) is not None
        )

    def calls(self, role: Role) -> Iterator[Call]:
        """The calls of functions of libraries that have any of some roles, in the file's order."""
        for call in self.module.calls.values():
            if self.meanings.known(call).role & role:
                yield call

    def receives(self) -> Iterator[Call]:
        """The calls that receive from a connection."""
        return self.calls(Role.RECEIVE)

    def in_event_loop(self, *names: str) -> Iterator[tuple[Call, Function | None]]:
        """Calls of functions of libraries that are made on the thread of an event loop.

        Each comes with the coroutine function that calls the function it is in; None, where it is
        in the coroutine itself.

        Args:
            names: Full names of the called functions.
        """
        for call in self.module.calls.values():
            if self.meanings.name(call.node.func, call.function) in names and not call.awaited:
                if call.function.is_async:
                    yield call, None
                else:
                    by = self.meanings.called_in_event_loop(call.function)
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
