"""Whether a module looks after the life of its connections."""

from __future__ import annotations

import ast
import textwrap

import pytest

from longwire.lint.python.collect import collect
from longwire.lint.python.liveness import (
    has_spread,
    is_limited,
    is_local,
    is_off,
    is_unpinged,
    keyword,
    limits_receives,
    looked_after,
    pings_by_itself,
    sends_heartbeats,
    watches,
)
from longwire.lint.python.meanings import Meanings
from longwire.lint.python.roles import Role

HEAD = "import asyncio, websockets, aiohttp\n"


def meanings(source: str) -> Meanings:
    return Meanings(collect(ast.parse(HEAD + textwrap.dedent(source))))


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("await ws.recv()", False),
        ("async for m in ws: ...", False),
        ("await ws.send('hello')", False),
        ("await ws.ping()", True),
        ('await ws.send(\'{"op": "ping"}\')', True),
        ("await asyncio.wait_for(ws.recv(), 5)", True),
        ("async with asyncio.timeout(5): await ws.recv()", True),
        ("async def watchdog(): ...", True),
        ("async def handle_heartbeat(): ...", True),
        ("def on_pong(): ...", False),
        ("def mapping(): ...", False),
        ('await ws.send(\'{"op": "subscribe", "topic": "heartbeat"}\')', False),
        ("await ws.send({'pong': data['ping']})", False),
    ],
)
def test_who_looks_after_a_connection(body: str, *, after: bool) -> None:
    """By pings, by limits, by names."""
    assert (
        looked_after(meanings(f"async def f(ws: websockets.ClientConnection):\n    {body}"))
        is after
    )


def test_an_attribute_that_keeps_the_time_of_the_last_message() -> None:
    """Somebody will look at it."""
    assert looked_after(
        meanings("class A:\n    def f(self, now):\n        self.last_message = now")
    )
    assert not looked_after(
        meanings("class A:\n    def f(self, message): self.last_received_segment = message")
    )
    assert not looked_after(meanings("class A:\n    PING_INTERVAL = 30"))


@pytest.mark.parametrize(
    ("receive", "limited"),
    [
        ("await ws.receive()", False),
        ("await ws.receive(timeout=5)", True),
        ("await ws.receive(timeout=None)", False),
        ("await asyncio.wait_for(ws.receive(), 5)", True),
        ("await asyncio.wait([ws.receive()], timeout=5)", False),
    ],
)
def test_limited_receives(receive: str, *, limited: bool) -> None:
    """By an argument, or by what is around it."""
    known = meanings(f"async def f(ws: aiohttp.ClientWebSocketResponse):\n    {receive}")
    (call,) = (one for one in known.module.calls.values() if Role.RECEIVE in known.known(one).role)
    assert is_limited(call, known) is limited


@pytest.mark.parametrize(("value", "limited"), [("30", True), ("None", False), ("T", True)])
def test_all_receives_limited(value: str, *, limited: bool) -> None:
    """By the connect, wherever its timeout is made."""
    known = meanings(
        f"limit = aiohttp.ClientWSTimeout(ws_receive={value})"
        "\nsession.ws_connect(url, timeout=limit)"
        f"\nsession.ws_connect(url, timeout=aiohttp.ClientWSTimeout(ws_receive={value}))"
        "\nsession.ws_connect(url)"
    )
    calls = [one for one in known.module.calls.values() if "ws_connect" in ast.unparse(one.node)]
    found = [limits_receives(one, known) for one in calls]
    assert found == [limited, limited, False]


def test_arguments() -> None:
    """What is written at a call."""
    known = meanings(
        "H = 'localhost:8'\nf('ws://localhost:1', a=0, **more)\ng(f'wss://{host}', a=None)\n"
        "h(f'ws://{H}/', timeout=T(ws_receive=5))"
    )
    first, second, third, _ = (one for one in known.module.calls.values())
    assert (has_spread(first), has_spread(second)) == (True, False)
    assert [is_local(one, known) for one in (first, second, third)] == [True, False, True]
    assert is_off(keyword(first, "b", "a"))
    assert is_off(keyword(second, "a"))
    assert keyword(second, "b") is None
    assert not is_off(None)


@pytest.mark.parametrize(
    ("source", "unpinged", "by_itself"),
    [
        ("websockets.connect(u)", False, True),
        ("websockets.connect(u, ping_interval=None)", True, False),
        ("websockets.connect(u, ping_interval=10)", False, True),
        ("websockets.connect(u, **options)", False, False),
        ("aiohttp.ClientSession().ws_connect(u)", True, False),
        ("aiohttp.ClientSession().ws_connect(u, heartbeat=10)", False, True),
        ("aiohttp.ClientSession().get(u)", False, False),
    ],
)
def test_whether_a_library_pings(source: str, *, unpinged: bool, by_itself: bool) -> None:
    """By its default, and by what it is told; what cannot be seen is neither."""
    known = meanings(source)
    assert any(is_unpinged(one, known) for one in known.module.calls.values()) is unpinged
    assert pings_by_itself(known) is by_itself


def test_who_sends_heartbeats_and_who_watches() -> None:
    """They are two things."""
    sends = meanings("async def f(ws: websockets.ClientConnection): await ws.send('ping')")
    assert (sends_heartbeats(sends), watches(sends)) == (True, False)
    keeps = meanings("class A:\n  def f(self, now): self.last_pong = now")
    assert (sends_heartbeats(keeps), watches(keeps)) == (False, True)
    limits = meanings(
        "async def f(ws: aiohttp.ClientWebSocketResponse): await ws.receive(timeout=9)"
    )
    assert watches(limits)
