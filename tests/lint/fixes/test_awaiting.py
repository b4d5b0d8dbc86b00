"""Where an await may stand."""

from __future__ import annotations

import pytest

from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.fixes.awaiting import may_await, runs_on_asyncio
from longwire.lint.fixes.code import Code


def may(text: str) -> bool:
    code = Code(text)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "g()" in one)
    column = text.splitlines()[line - 1].index("g()") + 1
    place = (line, column, line, column + 3)
    one = Finding("", *place, "LW111", Severity.ERROR, Confidence.HIGH, "", "")
    return may_await(code, one) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("async def f():\n    g()\n", True),
        ("async def f():\n    if x: y; g(); z\n", True),
        ("async def f():\n    async with lock:\n        g()\n", True),
        ("async def f():\n    with open('a'):\n        g()\n", True),
        ("import contextlib as c\nasync def f():\n    with c.suppress(x):\n        g()\n", True),
        ("async def f():\n    with lock:\n        g()\n", False),
        ("async def f():\n    with open('a'), lock():\n        g()\n", False),
        ("async def f():\n    x = g()\n", False),
        ("async def f():\n    [g() for x in y]\n", False),
        ("async def f():\n    lambda: g()\n", False),
        ("def f():\n    g()\n", False),
        ("g()\n", False),
    ],
)
def test_where(text: str, expected: bool) -> None:
    """In a coroutine, as a statement, where no lock is held."""
    assert may(text) is expected


def test_what_runs_on_asyncio() -> None:
    """As far as the text tells."""
    assert runs_on_asyncio(Code("import asyncio, aiohttp\n"))
    assert not runs_on_asyncio(Code("def f():\n    from trio import run\n"))
    assert not runs_on_asyncio(Code("import autobahn.twisted.websocket\n"))
