"""How late a loop is, seen from inside."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from longwire.client.lateness import INTERVAL, MEMORY, Lateness


class Clockwork:
    """A loop whose time moves when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[Any] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, function: Any) -> Any:
        self.timers.append((when, function))
        return self

    def cancel(self) -> None:
        self.timers.clear()

    def run_at(self, now: float) -> None:
        """Let the timer that is due run, late as it may be."""
        self.now = now
        ((due, function),) = self.timers
        assert due <= now
        self.timers.clear()
        function()


@pytest.fixture
def loop() -> Any:
    """A loop by hand."""
    return Clockwork()


def test_a_loop_in_time_is_not_late(loop: Any) -> None:
    """Noise is not remembered."""
    looks: list[float] = []
    meter = Lateness(loop, on_look=lambda: looks.append(loop.now))
    assert (meter.late(), meter.worst()) == (0.0, 0.0)
    meter.start()
    for turn in range(1, 4):
        loop.run_at(100 + turn * (INTERVAL + 0.01))
    assert len(looks) == 3
    assert (meter.late(), meter.worst()) == (0.0, 0.0)


def test_a_block_is_remembered_for_a_while(loop: Any) -> None:
    """The worst of the last seconds counts, and is forgotten afterwards."""
    meter = Lateness(loop, on_look=lambda: None)
    meter.start()
    loop.run_at(100 + INTERVAL + 3.0)
    assert meter.worst() == pytest.approx(3.0)
    assert meter.late() == 0.0
    later = loop.now + MEMORY + 0.1
    while loop.now < later:
        loop.run_at(loop.now + INTERVAL)
    assert meter.worst() == 0.0


def test_a_block_of_before_can_be_left_out(loop: Any) -> None:
    """A link that is younger than the block was not harmed by it."""
    meter = Lateness(loop, on_look=lambda: None)
    meter.start()
    loop.run_at(100 + INTERVAL + 3.0)
    loop.run_at(loop.now + INTERVAL)
    loop.run_at(loop.now + INTERVAL)
    assert meter.worst(within=2 * INTERVAL) == pytest.approx(3.0)
    assert meter.worst(within=INTERVAL) == 0.0


def test_a_block_that_just_ends_counts(loop: Any) -> None:
    """What is asked before the timer had its turn knows of the block, too."""
    meter = Lateness(loop, on_look=lambda: None)
    meter.start()
    loop.now = 100 + INTERVAL + 2.0
    assert meter.late() == meter.worst() == pytest.approx(2.0)


def test_after_stop_nothing_grows(loop: Any) -> None:
    """A client that was closed long ago is not late."""
    meter = Lateness(loop, on_look=lambda: None)
    meter.start()
    meter.stop()
    loop.now += 1000
    assert loop.timers == []
    assert (meter.late(), meter.worst()) == (0.0, 0.0)


def test_stopping_from_within_a_look_is_the_end(loop: Any) -> None:
    """No timer is armed behind the back of whoever stops it."""

    def stop() -> None:
        meter.stop()

    meter = Lateness(loop, on_look=stop)
    meter.start()
    loop.run_at(100 + INTERVAL)
    assert loop.timers == []


@pytest.mark.blocking
async def test_it_sees_a_real_block() -> None:
    """On a real loop: blocked for a while, late for as long."""
    looked = asyncio.Event()
    meter = Lateness(asyncio.get_running_loop(), on_look=looked.set)
    meter.start()
    time.sleep(INTERVAL + 0.2)  # noqa: ASYNC251 - to block is the point
    await looked.wait()
    assert meter.worst() >= 0.15
    meter.stop()
