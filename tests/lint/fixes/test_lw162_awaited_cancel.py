"""A cancelled task is waited for, and its end ends nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = """\
{imports}
import websockets


async def run(url, beat):
    while True:
        ws = await websockets.connect(url)
        task = {create}(beat(ws))
        try:
            await ws.recv()
        finally:
            task.cancel()
            {wait}
"""


@pytest.mark.parametrize(
    ("imports", "create", "after"),
    [
        ("import asyncio", "asyncio.create_task", "await asyncio.wait([task])"),
        ("import asyncio as aio", "aio.create_task", "await aio.wait([task])"),
    ],
)
def test_it_is_waited_for(fix: Callable[[str], str], imports: str, create: str, after: str) -> None:
    """By the name that asyncio has there."""
    before = TEXT.format(imports=imports, create=create, wait="await task  # gone")
    expected = TEXT.format(imports=imports, create=create, wait=f"{after}  # gone")
    assert fix(before) == expected


def test_asyncio_is_imported(fix: Callable[[str], str]) -> None:
    """Where only a name of it was."""
    before = TEXT.format(
        imports="from asyncio import create_task", create="create_task", wait="await task"
    )
    expected = TEXT.format(
        imports="import asyncio\nfrom asyncio import create_task",
        create="create_task",
        wait="await asyncio.wait([task])",
    )
    assert fix(before) == expected


@pytest.mark.parametrize("wait", ["x = await task", "await (task)", "print(await task)"])
def test_what_is_left_to_a_person(fix: Callable[[str], str], wait: str) -> None:
    """Its value is used, or it is written in an odd way."""
    text = TEXT.format(imports="import asyncio", create="asyncio.create_task", wait=wait)
    assert fix(text) == text


async def test_what_the_fix_relies_on() -> None:
    """asyncio.wait raises neither the task's cancellation nor its error, but our own."""
    task = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    failed = asyncio.get_running_loop().create_future()
    failed.set_exception(ValueError("lost"))
    await asyncio.wait([failed])
    assert isinstance(failed.exception(), ValueError)
    waiting = asyncio.create_task(asyncio.wait([asyncio.get_running_loop().create_future()]))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
