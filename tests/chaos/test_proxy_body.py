"""What goes wrong inside a proxy's or a replay's block comes out as it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy, Replay
from tests.chaos.recordings import opening, write_recording

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_error_leaves_a_proxy_as_it_is() -> None:
    """A test that fails inside says why, and not that a group of tasks has failed."""
    with pytest.raises(ZeroDivisionError):
        async with Proxy("ws://127.0.0.1:1/"):
            _ = 1 // 0


async def test_an_error_leaves_a_replay_as_it_is(tmp_path: Path) -> None:
    """The same here."""
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *opening())
    with pytest.raises(ZeroDivisionError):
        async with Replay(path):
            _ = 1 // 0


async def test_a_cancelled_block_is_cancelled() -> None:
    """Whoever cancels the task finds it cancelled."""
    inside = asyncio.Event()

    async def block() -> None:
        async with Proxy("ws://127.0.0.1:1/"):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(block())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
