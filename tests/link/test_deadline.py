"""A time limit that runs out for the other side, and not for our own lateness."""

from __future__ import annotations

import asyncio
import time

import pytest

from longwire.link.deadline import Deadline

SOON = 0.05
LATE = 0.5
NEVER = 600.0


def block_beyond(seconds: float) -> None:
    """Hold the loop up until a limit of so many seconds, begun just now, is long past."""
    time.sleep(seconds + LATE)


async def turn(times: int = 10) -> None:
    """Let the loop turn, and poll its sockets, so many times."""
    for _ in range(times):
        await asyncio.sleep(0)


@pytest.mark.both_loops
async def test_it_runs_out() -> None:
    """What takes too long is cancelled, and told as TimeoutError."""
    with pytest.raises(TimeoutError):
        async with Deadline(SOON):
            await asyncio.Event().wait()


@pytest.mark.both_loops
async def test_what_is_in_time_is_left_alone() -> None:
    """No timer stays (the guard of all tests looks for it), and errors pass as they are."""
    async with Deadline(NEVER):
        await asyncio.sleep(0)
    with pytest.raises(KeyError):
        async with Deadline(NEVER):
            raise KeyError


@pytest.mark.blocking
@pytest.mark.both_loops
async def test_our_own_lateness_does_not_count() -> None:
    """When the loop was blocked as the limit came, there is time to read what has come."""
    async with Deadline(SOON):
        block_beyond(SOON)
        await turn()


@pytest.mark.blocking
@pytest.mark.both_loops
async def test_it_is_put_off_once() -> None:
    """A loop that is always late still has an end."""

    async def always_late() -> None:
        async with Deadline(SOON):
            for _ in range(2):
                block_beyond(LATE)
                await turn()

    with pytest.raises(TimeoutError):
        await always_late()


@pytest.mark.blocking
@pytest.mark.both_loops
async def test_what_never_comes_is_not_waited_for_for_ever() -> None:
    """Being put off is not being let off."""

    async def once_late() -> None:
        async with Deadline(SOON):
            block_beyond(SOON)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await once_late()


@pytest.mark.both_loops
async def test_it_can_be_ended_at_once() -> None:
    """`expire` does not wait for the limit, and may be called again."""

    async def ended() -> None:
        async with Deadline(NEVER) as deadline:
            deadline.expire()
            deadline.expire()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await ended()


@pytest.mark.both_loops
async def test_a_cancellation_is_no_timeout() -> None:
    """Who is cancelled from outside is told that, and leaves no timer."""

    async def limited() -> None:
        async with Deadline(NEVER):
            await asyncio.Event().wait()

    task = asyncio.create_task(limited())
    await turn(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
