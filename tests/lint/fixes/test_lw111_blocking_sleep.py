"""time.sleep in a coroutine becomes asyncio.sleep, where nothing else can become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = "import asyncio\nimport time\n\nimport websockets\n\n\n"


def test_the_plain_case(fix: Callable[[str], str]) -> None:
    """The name is imported, in its place."""
    assert fix(
        '"""A feed."""\n\nfrom __future__ import annotations\n\nimport abc\n'
        "import os\nimport time\n\nimport websockets\n\n\n"
        "async def reader(ws):\n    time.sleep(0.5)  # half a second\n"
    ) == (
        '"""A feed."""\n\nfrom __future__ import annotations\n\nimport abc\nimport asyncio\n'
        "import os\nimport time\n\nimport websockets\n\n\n"
        "async def reader(ws):\n    await asyncio.sleep(0.5)  # half a second\n"
    )


@pytest.mark.parametrize(
    ("imports", "before", "after"),
    [
        ("import asyncio\nimport time", "time.sleep(1)", "await asyncio.sleep(1)"),
        ("import asyncio as aio\nimport time", "time.sleep(1)", "await aio.sleep(1)"),
        ("import asyncio\nfrom time import sleep", "sleep( 1 )", "await asyncio.sleep( 1 )"),
        (
            "import asyncio, time as t",
            "if x: t . sleep(1); y()",
            "if x: await asyncio.sleep(1); y()",
        ),
        ("import asyncio.subprocess\nimport time", "time.sleep(1)", "await asyncio.sleep(1)"),
        ("import asyncio\nimport time", "(time.sleep(1))", "(await asyncio.sleep(1))"),
        (
            "import asyncio\nimport time",
            "time.sleep(\n        a  # a while\n    )",
            "await asyncio.sleep(\n        a  # a while\n    )",
        ),
    ],
)
def test_names(fix: Callable[[str], str], imports: str, before: str, after: str) -> None:
    """However the two modules are called."""
    text = f"{imports}\nimport websockets\n\nasync def reader(ws, x, a):\n    {{}}\n"
    assert fix(text.format(before)) == text.format(after)


@pytest.mark.parametrize(
    "statement",
    [
        "x = time.sleep(1)",
        "[time.sleep(1) for _ in ws.names]",
        "lambda: time.sleep(1)",
        "time.sleep(*ws.pause)",
        "with ws.lock:\n        time.sleep(1)",
        "with open(ws.name), ws.mutex:\n        time.sleep(1)",
        "class Inner:\n        time.sleep(1)",
        "def helper():\n        time.sleep(1)\n    helper()",
    ],
)
def test_what_is_left_to_a_person(fix: Callable[[str], str], statement: str) -> None:
    """Its value is used, a lock may be held, it is in a helper, or no await may stand there."""
    text = f"{HEAD}async def reader(ws):\n    {statement}\n"
    assert fix(text) == text


def test_a_with_that_holds_no_lock(fix: Callable[[str], str]) -> None:
    """A file, or an asynchronous one."""
    text = f"{HEAD}async def reader(ws):\n    async with ws.lock:\n        with open('a'): "
    assert fix(f"{text}time.sleep(1)\n") == f"{text}await asyncio.sleep(1)\n"


@pytest.mark.parametrize(
    "other",
    [
        "import trio",
        "from anyio import run",
        "import gevent.monkey",
        "from twisted import internet",
    ],
)
def test_other_event_loops(fix: Callable[[str], str], other: str) -> None:
    """There asyncio.sleep would fail."""
    text = f"{other}\n{HEAD}async def reader(ws):\n    time.sleep(1)\n"
    assert fix(text) == text
