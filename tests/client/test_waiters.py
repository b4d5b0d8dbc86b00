"""Who waits for a client to be live."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.client.waiters import Waiters

if TYPE_CHECKING:
    from collections.abc import Callable


class HereOnly:
    """A carriage with one loop."""

    def __init__(self) -> None:
        self.user_loop = asyncio.get_running_loop()

    def call_user(self, function: Callable[[], object]) -> None:
        """Run soon."""
        self.user_loop.call_soon_threadsafe(function)


@pytest.fixture
async def waiters() -> Any:
    """Nobody waits yet."""
    carriage: Any = HereOnly()
    return Waiters(carriage)


def ended() -> longwire.LongwireError:
    """The client's error."""
    return longwire.ClientClosed("it has ended")


async def test_everyone_is_woken(waiters: Waiters, within: Any) -> None:
    """All who wait go on when the client is live; later ones do not wait."""
    async with within():
        waiting = [asyncio.create_task(waiters.wait()) for _ in range(3)]
        await asyncio.sleep(0)
        waiters.live()
        await asyncio.gather(*waiting)
        await waiters.wait()


async def test_a_short_life_wakes_nobody_wrongly(waiters: Waiters, within: Any) -> None:
    """Live and down again before the waiter had its turn: it goes on waiting, and is not lost."""
    async with within():
        waiting = asyncio.create_task(waiters.wait())
        await asyncio.sleep(0)
        waiters.live()
        waiters.down()
        done, _ = await asyncio.wait([waiting], timeout=0.02)
        assert not done
        waiters.live()
        await waiting


async def test_the_end_is_told(waiters: Waiters, within: Any) -> None:
    """Whoever waits, or asks later, gets the client's error, even if it was live last."""
    async with within():
        waiting = asyncio.create_task(waiters.wait())
        await asyncio.sleep(0)
        waiters.end(ended)
        with pytest.raises(longwire.ClientClosed):
            await waiting
        waiters.live()
        with pytest.raises(longwire.ClientClosed):
            await waiters.wait()


async def test_a_cancelled_waiter_leaves_nothing(waiters: Waiters) -> None:
    """Cancelling one leaves no future behind."""
    waiting = asyncio.create_task(waiters.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not waiters._waiting


async def test_no_wake_up_is_lost_between_threads(waiters: Waiters, within: Any) -> None:
    """Another thread says live and down without a pause: each who waits comes through."""
    stop = threading.Event()

    def flicker() -> None:
        while not stop.is_set():
            waiters.down()
            waiters.live()

    thread = threading.Thread(target=flicker)
    thread.start()
    try:
        async with within():
            for _ in range(200):
                await waiters.wait()
    finally:
        stop.set()
        await asyncio.to_thread(thread.join)
