"""An await where one was forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = (
    "import asyncio\n\nimport websockets\n\n\nasync def read(ws: websockets.ClientConnection):\n"
    "    await ws.recv()\n\n\n"
    "async def f(ws: websockets.ClientConnection, queue: asyncio.Queue, lock):\n    "
)


@pytest.mark.parametrize(
    "statement",
    [
        "ws.send('a')",
        "(ws.close())",
        "if ws: ws.ping(); x = 1",
        "queue.put(1)",
        "asyncio.sleep(1)",
        "async with lock:\n        ws.send(\n            'a'\n        )",
    ],
)
def test_what_is_awaited(fix: Callable[[str], str], statement: str) -> None:
    """What is over soon, wherever it stands."""
    for call in ("ws.send", "ws.close", "ws.ping", "queue.put", "asyncio.sleep"):
        awaited = statement.replace(call, f"await {call}")
        if awaited != statement:
            assert fix(f"{HEAD}{statement}\n") == f"{HEAD}{awaited}\n"
            return
    pytest.fail("nothing to await")


@pytest.mark.parametrize(
    "statement",
    [
        "read(ws)",
        "ws.recv()",
        "ws.wait_closed()",
        "with lock:\n        ws.send('a')",
        "def later():\n        ws.send('a')\n    later()",
    ],
)
def test_what_is_left_to_a_person(fix: Callable[[str], str], statement: str) -> None:
    """What may take long, or hold up others."""
    assert fix(f"{HEAD}{statement}\n") == f"{HEAD}{statement}\n"


def test_what_is_known_by_its_name_only(fix: Callable[[str], str]) -> None:
    """Its send may be no coroutine."""
    text = "import websockets\n\nasync def f(ws):\n    await ws.send('a')\n    ws.send('b')\n"
    assert fix(text) == text
