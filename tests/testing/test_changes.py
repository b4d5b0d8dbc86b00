"""Waiting for a fact."""

from __future__ import annotations

import asyncio

import pytest

from longwire.testing import Changes


async def test_a_fact_that_holds_needs_no_waiting() -> None:
    """No turn of the loop passes."""
    await Changes().until(lambda: True, what="nothing", timeout=0)


async def test_each_change_is_looked_at() -> None:
    """Only the change that makes it true ends the wait, and all who wait are woken."""
    changes = Changes()
    seen: list[int] = []
    waits = [
        asyncio.create_task(changes.until(lambda: len(seen) >= 2, what="two", timeout=10))
        for _ in range(3)
    ]
    for number in range(2):
        await asyncio.sleep(0)
        assert not any(wait.done() for wait in waits)
        seen.append(number)
        changes.notify()
    await asyncio.gather(*waits)


async def test_a_wait_in_vain_says_for_what() -> None:
    """The deadline's error names the fact."""
    with pytest.raises(TimeoutError, match=r"0\.01 s .* in vain: the moon"):
        await Changes().until(lambda: False, what="the moon", timeout=0.01)


async def test_a_cancelled_wait_leaves_nothing() -> None:
    """A later change finds nobody."""
    changes = Changes()
    wait = asyncio.create_task(changes.until(lambda: False, what="never"))
    await asyncio.sleep(0)
    wait.cancel()
    with pytest.raises(asyncio.CancelledError):
        await wait
    changes.notify()
