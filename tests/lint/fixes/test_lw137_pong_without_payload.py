"""A pong with the payload of its ping."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = "import aiohttp\nimport websocket\n\n\n"
CALLBACK = "\n\napp = websocket.WebSocketApp('wss://a.example', on_ping=on_ping)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"def on_ping(app, data):\n    app.sock.pong(''){CALLBACK}",
            f"def on_ping(app, data):\n    app.sock.pong(data){CALLBACK}",
        ),
        (
            "def on_ping(ws, payload):\n    ws.pong()\n",
            "def on_ping(ws, payload):\n    ws.pong(payload)\n",
        ),
        (
            "def on_ping(ws, data: bytes):\n    ws.pong( b'' )\n",
            "def on_ping(ws, data: bytes):\n    ws.pong( data )\n",
        ),
        (
            (
                "async def read(session: aiohttp.ClientSession):\n"
                "    async with session.ws_connect('wss://a.example', heartbeat=9) as ws:\n"
                "        async for one in ws:\n"
                "            if one.type is aiohttp.WSMsgType.PING:\n"
                "                await ws.pong()\n"
            ),
            (
                "async def read(session: aiohttp.ClientSession):\n"
                "    async with session.ws_connect('wss://a.example', heartbeat=9) as ws:\n"
                "        async for one in ws:\n"
                "            if one.type is aiohttp.WSMsgType.PING:\n"
                "                await ws.pong(one.data)\n"
            ),
        ),
    ],
)
def test_what_is_handed_on(fix: Callable[[str], str], before: str, after: str) -> None:
    """Where it is known to be the payload."""
    assert fix(HEAD + before) == HEAD + after


@pytest.mark.parametrize(
    "text",
    [
        "def on_ping(ws, data):\n    ws.pong()\n",
        "def on_ping(ws, message: dict):\n    ws.pong()\n",
        "def on_ping(ws, payload):\n    payload = parse(payload)\n    ws.pong()\n",
        "def on_ping(ws, payload):\n    ws.pong('', 1)\n",
        "def on_ping(ws, payload):\n    ws.pong(data='')\n",
        (
            "async def read(ws: aiohttp.ClientWebSocketResponse, PING):\n"
            "    async for one in ws:\n        if one.extra == aiohttp.WSMsgType.PING:\n"
            "            await ws.pong()\n"
        ),
    ],
)
def test_what_is_left_to_a_person(fix: Callable[[str], str], text: str) -> None:
    """It may be something else by the time, or from the beginning."""
    assert fix(HEAD + text) == HEAD + text
