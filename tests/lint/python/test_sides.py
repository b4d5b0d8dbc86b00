"""How the coroutine that receives and the one that sends end."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from longwire.lint.python.file import PythonFile
from longwire.lint.python.sides import (
    cancels,
    catches_all,
    ends_quietly,
    is_lasting,
    receive_calls,
    receive_loops,
    received_by,
    receivers,
    tells_its_end,
    waits_for_work,
)

if TYPE_CHECKING:
    from longwire.lint.python.records import Function

HEAD = """
import asyncio, queue, websockets, aiohttp
from websockets.asyncio.client import ClientConnection
class Side:
    link: ClientConnection
    out: asyncio.Queue
    threads: queue.Queue
    event: asyncio.Event
    lock: asyncio.Lock
    tasks: asyncio.TaskGroup
    async def other(self, upstream: ClientConnection):
        async for message in upstream:
            await self.link.send(message)
    async def side(self, ws: aiohttp.ClientWebSocketResponse):
"""


def side(body: str) -> tuple[Function, Function, PythonFile]:
    """A method with a body, the one beside it, and their file."""
    file = PythonFile(HEAD + textwrap.indent(textwrap.dedent(body), " " * 8))
    by_name = {one.name: one for one in file.module.functions}
    return by_name["side"], by_name["other"], file


@pytest.mark.parametrize(
    ("body", "quietly"),
    [
        ("async for m in self.link:\n    print(m)", True),
        ("while True:\n    print(await self.link.recv())", False),
        (
            (
                "try:\n    while True:\n        await self.link.recv()\n"
                "except websockets.ConnectionClosed:\n    print('end')"
            ),
            True,
        ),
        (
            (
                "try:\n    while True:\n        await self.link.recv()\n"
                "except websockets.ConnectionClosed:\n    raise RuntimeError"
            ),
            False,
        ),
        ("while True:\n    await ws.receive()", True),
    ],
)
def test_a_reader_that_just_returns(body: str, *, quietly: bool) -> None:
    """When the connection ends."""
    function, _, file = side(body)
    assert ends_quietly(function, file) is quietly
    assert len(receive_loops(function, file)) == 1


@pytest.mark.parametrize(
    ("body", "waits"),
    [
        ("while True:\n    await self.link.send(await self.out.get())", True),
        ("while True:\n    await self.event.wait()\n    await self.link.send('x')", True),
        ("while True:\n    await asyncio.sleep(9)\n    await self.link.ping()", False),
        (
            (
                "while self.link.open:\n"
                "    await self.link.send(await asyncio.wait_for(self.out.get(), 1))"
            ),
            False,
        ),
        (
            (
                "while True:\n    if not self.threads.empty():\n"
                "        await self.link.send(self.threads.get_nowait())\n"
                "    await asyncio.sleep(1)"
            ),
            True,
        ),
        ("async for x in self.pubsub.listen():\n    await self.link.send(x)", True),
        ("async for x in self.microphone:\n    await self.link.send(x)", False),
        ("for x in self.items:\n    await self.link.send(x)", False),
        ("while True:\n    print(await self.out.get())", False),
    ],
)
def test_a_writer_that_waits_for_something_to_send(body: str, *, waits: bool) -> None:
    """One that sends by the clock fails by itself."""
    function, _, file = side(body)
    assert waits_for_work(function, file) is waits


@pytest.mark.parametrize(
    ("after", "tells"),
    [
        ("", False),
        ("self.event.set()", True),
        ("await self.out.put(None)", True),
        ("for task in self.running: task.cancel()", True),
        ("print('end')", False),
        ("await upstream.close()", True),
    ],
)
def test_a_reader_that_tells_its_end(after: str, *, tells: bool) -> None:
    """Behind its loop; what it does for each message is something else."""
    body = "upstream: ClientConnection = self.up\nasync for m in self.link:\n"
    function, other, file = side(f"{body}    await self.out.put(m)\n{after}")
    assert tells_its_end(function, other, file) is tells


def test_what_cancels_is_known_by_its_name() -> None:
    """Asking whether something was cancelled does not."""
    function, _, _ = side("self.task.cancel()\ncancel_all()\nself.task.cancelled()\nprint()")
    assert [cancels(one) for one in function.calls] == [True, True, False, False]


def test_the_connections_that_are_received_from() -> None:
    """As they are written; without those under a lock, if that is asked for."""
    function, other, file = side(
        "async with self.lock:\n    await self.link.recv()\nawait ws.receive()"
    )
    assert receivers(function, file) == {"self.link", "ws"}
    assert receivers(function, file, locked=False) == {"ws"}
    assert receivers(other, file) == {"upstream"}


def test_receives_of_what_is_awaited_belong_to_a_function() -> None:
    """Those of a task that it starts do not."""
    function, other, file = side(
        "await self.other(ws)\nasyncio.create_task(self.third())\nawait self.side(ws)"
    )
    assert receive_calls(function, file) == {("upstream", other)}


@pytest.mark.parametrize(
    ("body", "lasts"),
    [
        ("while True:\n    pass", True),
        ("while self.out:\n    await asyncio.sleep(1)", True),
        ("async for m in self.link:\n    print(m)", True),
        ("await websockets.connect('x')", False),
        ("for x in self.items:\n    print(x)", False),
        ("await self.link.send('x')", False),
    ],
)
def test_what_runs_as_long_as_the_connection(body: str, *, lasts: bool) -> None:
    """By its loops."""
    function, _, file = side(body)
    assert is_lasting(function, file) is lasts


@pytest.mark.parametrize(
    ("body", "caught"),
    [
        ("try:\n    await self.go()\nexcept Exception:\n    print()", True),
        ("try:\n    await self.go()\nexcept ValueError:\n    print()", False),
        ("while True:\n    try:\n        await self.go()\n    except:\n        print()", True),
        ("if x:\n    try:\n        await self.go()\n    except:\n        print()", False),
    ],
)
def test_a_function_that_catches_its_own_errors(body: str, *, caught: bool) -> None:
    """All of them, around all of its work."""
    function, _, file = side(body)
    assert catches_all(function, file) is caught


def test_what_a_started_coroutine_receives_from() -> None:
    """Attributes of its object, and what it is given, as its caller calls it."""
    function, _, file = side(
        "asyncio.create_task(self.other(ws))\nasyncio.create_task(self.side(self.link))\n"
        "await self.link.recv()\nawait ws.receive()"
    )
    first, second = file.tasks.started
    assert received_by(first, file) == {("ws", function)}
    assert received_by(second, file) == {("self.link", function.owner), ("self.link", function)}
