"""Sends to many connections."""

import pytest

from longwire.lint.python.broadcasts import changes_meanwhile, gather_of, over_connections
from longwire.lint.python.file import PythonFile
from longwire.lint.python.roles import Role

OPENING = """
import asyncio, websockets
CLIENTS: set[websockets.ServerConnection] = set()
async def f(text, ws: websockets.ServerConnection):
"""


@pytest.mark.parametrize(
    ("body", "loop", "gather"),
    [
        ("for one in CLIENTS: await one.send(text)", True, False),
        ("for name, ws in d.items(): await ws.send(text)", True, False),
        ("for line in text: await ws.send(line)", False, False),
        ("await asyncio.gather(*[one.send(text) for one in CLIENTS])", False, True),
        ("s = [one.send(text) for one in CLIENTS]; await asyncio.gather(*s)", False, True),
        ("await asyncio.gather(*[ws.send(line) for line in text])", False, False),
        (
            "await asyncio.gather(*[one.send(text) for one in CLIENTS], return_exceptions=True)",
            False,
            False,
        ),
    ],
)
def test_who_is_sent_to(body: str, *, loop: bool, gather: bool) -> None:
    """The connections of a loop, of a gather, or one."""
    file = PythonFile(f"{OPENING}    {body}\n")
    (send,) = file.calls(Role.SEND)
    assert (over_connections(send, file) is not None) is loop
    assert (gather_of(send, file) is not None) is gather


@pytest.mark.parametrize(
    ("over", "then", "changes"),
    [
        ("CLIENTS", "CLIENTS.discard(one)", True),
        ("d.values()", "d.pop(name)", True),
        ("list(CLIENTS)", "CLIENTS.discard(one)", False),
        ("CLIENTS", "dead.add(one)", False),
        ("CLIENTS", "CLIENTS.remove(one); break", False),
    ],
)
def test_what_a_loop_changes(over: str, then: str, *, changes: bool) -> None:
    """Of what it goes over itself, while it goes on."""
    file = PythonFile(f"{OPENING}    for one in {over}:\n        {then}\n")
    (loop,) = file.module.functions[1].loops
    assert changes_meanwhile(loop, file) is changes
