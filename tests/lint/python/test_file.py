"""A Python file as the rules see it."""

from __future__ import annotations

import pytest

from longwire.lint.python.file import PythonFile, may_be_about_websockets
from longwire.lint.python.roles import Role


@pytest.mark.parametrize(
    ("source", "about"),
    [
        ("import websockets", True),
        ("from fastapi import WebSocket", True),
        ("from tornado.websocket import websocket_connect", True),
        ("from .websocket import Feed", True),
        ("import aiohttp\nasync def f(s: aiohttp.ClientSession): await s.ws_connect(u)", True),
        ("import aiohttp\nasync def f(s): await s.get(u)", False),
        ("import time  # websocket", False),
        ("import picowsky", False),
    ],
)
def test_whether_a_file_is_about_websockets(source: str, *, about: bool) -> None:
    """By what it imports; what the fast test refuses is refused here, too."""
    assert PythonFile(source).about_websockets is about
    assert may_be_about_websockets(source.encode()) >= about


def test_calls_by_their_role() -> None:
    """In the order of the file."""
    file = PythonFile(
        "import websockets\nasync def f(ws: websockets.ClientConnection):\n"
        "    await ws.send(await ws.recv())\n    await ws.recv()\n"
    )
    assert [one.node.lineno for one in file.receives()] == [3, 4]
    assert len(list(file.calls(Role.SEND | Role.RECEIVE))) == 3


def test_places_are_counted_in_characters_from_one() -> None:
    """Python counts bytes from zero."""
    file = PythonFile("x = 'äö'; y(\n  1)")
    (call,) = file.module.calls.values()
    report = file.report(call.node, "what", help="instead")
    assert (report.line, report.column, report.end_line, report.end_column) == (1, 11, 2, 5)


def test_calls_on_the_thread_of_an_event_loop() -> None:
    """In a coroutine, or in what one calls; not in a thread."""
    file = PythonFile(
        "import time\ndef a(): time.sleep(1)\nasync def b():\n    a()\n    time.sleep(2)\n"
        "def c(): time.sleep(3)\n"
    )
    assert [
        (call.node.lineno, None if by is None else by.name)
        for call, by in file.in_event_loop("time.sleep")
    ] == [(2, "b"), (5, None)]
