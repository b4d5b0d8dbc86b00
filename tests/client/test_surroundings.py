"""Late loops, jumping clocks, and loops that are gone."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.client import surroundings
from longwire.client.chronicle import Chronicle
from longwire.client.surroundings import Surroundings
from longwire.observe.lag import THRESHOLD
from longwire.testing import FeedThread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Inline:
    """A carriage with one loop."""

    isolated = False

    def __init__(self) -> None:
        self.loop = self.user_loop = asyncio.get_running_loop()
        self.thread = self.user_thread = threading.get_ident()


@pytest.fixture
async def around(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Surroundings of an inline client, with a wall clock that can be set."""
    offset = {"now": 1_000_000.0, "orphaned": 0}
    monkeypatch.setattr(surroundings, "clock_offset", lambda: offset["now"])
    carriage: Any = Inline()
    chronicle = Chronicle("ws://example/", mark=lambda _: None, tell=lambda _: None)

    def orphaned() -> None:
        offset["orphaned"] += 1

    made = Surroundings(carriage, chronicle, on_orphaned=orphaned)
    made.start()
    yield made, offset
    made.stop()


def circumstances(made: Surroundings) -> Any:
    """What evidence would say now."""
    settings = longwire.connect("ws://127.0.0.1:1/")._settings
    return made.circumstances(settings, queued=0, consumer=None, subscriptions=0, canary=None)


async def test_a_jump_of_the_wall_clock_is_evidence(around: Any) -> None:
    """Seen at the next look, remembered for a while; a drift is no jump."""
    made, offset = around
    assert circumstances(made).clock_jump is None
    offset["now"] += 0.5
    assert circumstances(made).clock_jump is None
    offset["now"] += 3600
    assert circumstances(made).clock_jump == 3600
    assert circumstances(made).clock_jump == 3600


async def test_a_jump_is_forgotten(around: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happened long ago explains nothing."""
    made, offset = around
    offset["now"] -= 7200
    assert circumstances(made).clock_jump == -7200
    monkeypatch.setattr(surroundings, "JUMP_MEMORY", -1.0)
    assert circumstances(made).clock_jump is None


async def test_a_loop_that_runs_is_no_orphan(around: Any) -> None:
    """Nothing is told as long as the user's loop is open."""
    made, offset = around
    made._look()
    assert offset["orphaned"] == 0


@pytest.mark.blocking
async def test_an_isolated_client_sees_its_users_loop_blocked(within: Any) -> None:
    """The alert names file, line and function of what blocks, while it blocks."""
    with FeedThread() as feed:
        async with within(), longwire.connect(feed.url) as client:
            await client.wait_live()
            block_until(lambda: bool(client.alerts))
            (alert,) = client.alerts
            assert client.stats().loop_lag >= THRESHOLD
    assert (alert.kind, alert.cause) == ("blocked-loop", "blocked-event-loop")
    assert "test_surroundings.py" in alert.text
    assert "block_until" in alert.text


@pytest.mark.blocking
async def test_a_loop_blocked_from_the_start_is_found_too(within: Any) -> None:
    """The place is named although the loop never ran since the client was made."""
    with FeedThread() as feed:
        async with within(), longwire.connect(feed.url) as client:
            block_until(lambda: bool(client.alerts))
            (alert,) = client.alerts
    assert alert.kind == "blocked-loop"
    assert "block_until" in alert.text


def block_until(true: Any) -> None:
    """Block the loop, as users do; not for ever."""
    deadline = time.monotonic() + 10
    event = threading.Event()
    while not true() and time.monotonic() < deadline:
        event.wait(0.01)


@pytest.mark.blocking
async def test_an_inline_client_knows_of_a_block_afterwards(around: Any) -> None:
    """The lag of the one loop is both lags."""
    made, _ = around
    time.sleep(0.5)  # noqa: ASYNC251 - to block is the point
    seen = circumstances(made)
    assert seen.loop_lag >= 0.2
    assert seen.io_lag == pytest.approx(seen.loop_lag, abs=0.1)
