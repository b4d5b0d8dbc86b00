"""A Python file as the rules see it."""

from __future__ import annotations

import pytest

from longwire.lint.python.file import PythonFile, by_way_of, may_be_about_websockets
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
        ("from aiohttp import web\nweb.WebSocketResponse()", True),
        ("import time  # websocket", False),
        ("import picowsky", False),
        ("try: import websockets\nexcept ImportError: raise", True),
        ("import sys; import websockets", True),
        ("import sys\rimport websockets\r", True),
        ("\fimport websockets", True),
    ],
)
def test_whether_a_file_is_about_websockets(source: str, *, about: bool) -> None:
    """By what it imports; what the fast test refuses is refused here, too."""
    assert PythonFile(source).about_websockets is about
    assert may_be_about_websockets(source.encode()) >= about


def test_byte_order_mark() -> None:
    """An editor of Windows may put one before the first import."""
    assert may_be_about_websockets("\ufeffimport websockets\n".encode())


def test_calls_by_their_role() -> None:
    """In the order of the file."""
    file = PythonFile(
        "import websockets\nasync def f(ws: websockets.ClientConnection):\n"
        "    await ws.send(await ws.recv())\n    await ws.recv()\n"
    )
    assert [one.node.lineno for one in file.receives()] == [3, 4]
    assert len(list(file.calls(Role.SEND | Role.RECEIVE))) == 3


def test_where_a_loop_receives() -> None:
    """Itself, by a loop over a connection, and in what it calls."""
    file = PythonFile(
        "import websockets\n"
        "async def once(ws: websockets.ClientConnection):\n"
        "    await ws.recv()\n"
        "async def f(ws: websockets.ClientConnection):\n"
        "    while True:\n"
        "        async for m in ws: ...\n"
        "        await ws.recv()\n"
        "        await once(ws)\n"
        "    await ws.recv()\n"
    )
    outer = file.module.functions[2].loops[0]
    assert [kind for _, kind in file.receives_in(outer)] == ["websockets", None, "websockets"]


def test_reconnect_loops() -> None:
    """The innermost loop that connects and receives, by itself or by what it calls."""
    file = PythonFile(
        "import websockets\n"
        "async def once():\n"
        "    async with websockets.connect('ws://a') as ws:\n"
        "        async for m in ws: ...\n"
        "async def f():\n"
        "    while True:\n"
        "        while True:\n"
        "            await once()\n"
        "async def g(ws: websockets.ClientConnection):\n"
        "    while True:\n"
        "        await ws.recv()\n"
    )
    assert [one.node.lineno for one in file.reconnect_loops()] == [7]


@pytest.mark.parametrize(
    ("path", "source", "test"),
    [
        ("tests/x.py", "", True),
        ("a/test_x.py", "", True),
        ("x_test.py", "", True),
        ("a/x.py", "import pytest", True),
        ("a/x.py", "from unittest.mock import Mock", True),
        ("latest/x.py", "import websockets", False),
    ],
)
def test_whether_a_file_is_a_test(path: str, source: str, *, test: bool) -> None:
    """By its name, or by what it imports."""
    assert PythonFile(source, path).is_test is test


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


@pytest.mark.parametrize(
    ("source", "kind", "serves"),
    [
        ("from fastapi import WebSocket", "starlette", True),
        ("import websockets\nwebsockets.serve(handle)", "websockets", True),
        ("from websockets.asyncio.server import serve", "websockets", True),
        ("from aiohttp import web\nweb.WebSocketResponse()", "aiohttp", True),
        ("from aiohttp.web import WebSocketResponse", "aiohttp", True),
        ("import aiohttp\naiohttp.ClientWebSocketResponse", "aiohttp", False),
        ("from aiohttp import ClientWebSocketResponse", "aiohttp", False),
        ("import websockets\nwebsockets.connect(url)", "websockets", False),
    ],
)
def test_whether_connections_are_those_of_clients(source: str, kind: str, *, serves: bool) -> None:
    """Of a server, that is."""
    assert PythonFile(source).serves(kind) is serves


def test_calls_that_block_with_the_way_to_them() -> None:
    """Directly, by a helper, and not in threads or where they are awaited."""
    file = PythonFile(
        "import asyncio, queue, requests, time\n"
        "q = queue.Queue()\n"
        "def helper(): requests.get(url)\n"
        "def work(): time.sleep(1)\n"
        "async def run():\n"
        "    q.get()\n"
        "    helper()\n"
        "    await asyncio.to_thread(work)\n"
    )
    found = [(call.node.lineno, by and by.name) for call, by in file.blocking_in_event_loop()]
    assert found == [(3, "run"), (6, None)]
    assert [by_way_of(by) for _, by in file.in_event_loop("requests.get")] == [
        ", called by 'run', which runs on the event loop,"
    ]
    assert by_way_of(None) == ""
