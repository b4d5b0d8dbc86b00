"""Virtual time."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from longwire.testing import AutojumpLoop, run_autojump


def test_hours_pass_in_no_time() -> None:
    """Sleeping costs nothing, and the clock shows exactly what was slept."""

    async def main() -> float:
        await asyncio.sleep(3600)
        await asyncio.sleep(0.5)
        return asyncio.get_running_loop().time()

    started = time.monotonic()
    assert run_autojump(main(), start=100.0) == pytest.approx(3700.5)
    assert time.monotonic() - started < 60


def test_timers_fire_in_order_at_their_time() -> None:
    """Nothing is skipped by a jump."""
    seen: list[tuple[str, float]] = []

    async def note(name: str, *delays: float) -> None:
        for delay in delays:
            await asyncio.sleep(delay)
            seen.append((name, asyncio.get_running_loop().time()))

    async def main() -> None:
        await asyncio.gather(note("a", 1, 1, 1), note("b", 1.5, 1))

    run_autojump(main())
    assert seen == [("a", 1), ("b", 1.5), ("a", 2), ("b", 2.5), ("a", 3)]


def test_timeouts_are_virtual_too() -> None:
    """A wait that nobody ends runs into its deadline at once, and exactly on it."""

    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(86_400):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run_autojump(main()) == pytest.approx(86_400)


def test_work_goes_before_time() -> None:
    """While callbacks are ready time stands still."""

    async def main() -> float:
        for _ in range(1_000):
            await asyncio.sleep(0)
        return asyncio.get_running_loop().time()

    assert run_autojump(main()) == 0.0


def test_advance() -> None:
    """Time can be pushed, as a busy machine does, but not pulled."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, AutojumpLoop)
        loop.advance(5)
        with pytest.raises(ValueError, match="backwards"):
            loop.advance(-1)
        return loop.time()

    assert run_autojump(main()) == 5


def test_sockets_and_threads_are_served_first() -> None:
    """With a grace time a byte on a socket, or a thread's result, comes before the jump."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        with near, far:
            near.setblocking(False)
            far.setblocking(False)
            async with asyncio.timeout(60):
                far.send(b"x")
                assert await loop.sock_recv(near, 1) == b"x"
                assert await asyncio.to_thread(lambda: 5) == 5
        return loop.time()

    assert run_autojump(main(), grace=30.0) == 0.0
