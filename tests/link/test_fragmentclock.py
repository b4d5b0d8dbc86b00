"""The time a fragmented message may take; over real links see test_link.py."""

from __future__ import annotations

import asyncio
from typing import Any

from longwire.link.fragmentclock import FragmentClock

NEVER = 600.0


class Parser:
    """What the clock asks a parser."""

    opcode = 1
    fragmented = 1


class Reader:
    """What the clock asks a reader."""

    def __init__(self) -> None:
        self.parser = Parser()
        self.bytes = 0
        self.paused_since: float | None = None
        self.errors: list[Exception] = []
        self.failed = asyncio.Event()

    def on_error(self, error: Exception) -> None:
        self.errors.append(error)
        self.failed.set()


def clock_of(reader: Any, seconds: float | None) -> FragmentClock:
    return FragmentClock(reader, asyncio.get_running_loop(), seconds)


async def test_it_runs_while_a_message_is_under_way() -> None:
    """And no longer; without a limit never."""
    reader = Reader()
    clock = clock_of(reader, NEVER)
    clock.watch()
    assert clock.handle is not None
    reader.parser.opcode = 0
    clock.watch()
    assert clock.handle is None
    reader.parser.opcode = 1
    clock.watch()
    clock.stop()
    assert clock.handle is None
    unlimited = clock_of(reader, None)
    unlimited.watch()
    assert unlimited.handle is None


async def test_it_tells_once() -> None:
    """When the time is up and nothing more lies in the socket."""
    reader = Reader()
    clock = clock_of(reader, 0.01)
    clock.watch()
    async with asyncio.timeout(20.0):
        await reader.failed.wait()
    assert "within 0.01 s" in str(reader.errors[0])
    assert clock.handle is None


async def test_another_message_has_time_of_its_own() -> None:
    """The timer was set for the one before."""
    reader = Reader()
    clock = clock_of(reader, NEVER)
    clock.watch()
    first = clock.handle
    assert isinstance(first, asyncio.TimerHandle)
    clock.stop()
    reader.parser.fragmented = 2
    clock.watch()
    assert isinstance(clock.handle, asyncio.TimerHandle)
    assert clock.handle.when() >= first.when()
    clock.begin(clock.handle.when())
    clock.stop()
