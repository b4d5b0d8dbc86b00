"""Late loops, jumping clocks, and loops that are gone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.client import surroundings
from longwire.client.chronicle import Chronicle
from longwire.client.surroundings import Surroundings
from longwire.observe.lag import THRESHOLD, Block
from longwire.observe.sighting import Sighting
from longwire.testing import FeedThread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class Inline:
    """A carriage with one loop."""

    isolated = watched = False

    def __init__(self) -> None:
        self.loop = self.user_loop = asyncio.get_running_loop()
        self.thread = self.user_thread = threading.get_ident()


class TakenFrom:
    """As much of an inbox as is asked for."""

    def __init__(self, said: dict[str, float]) -> None:
        self._said = said

    @property
    def received(self) -> int:
        return int(self._said["handed_over"])

    def queued(self) -> int:
        return 0


@pytest.fixture
async def around(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Surroundings of an inline client, with a wall clock that can be set."""
    offset = {"now": 1_000_000.0, "orphaned": 0, "handed_over": 0}
    monkeypatch.setattr(surroundings, "clock_offset", lambda: offset["now"])
    carriage: Any = Inline()
    chronicle = Chronicle("ws://example/", mark=lambda _: None, tell=lambda _: None)

    def orphaned() -> None:
        offset["orphaned"] += 1

    inbox: Any = TakenFrom(offset)
    made = Surroundings(carriage, chronicle, inbox, orphaned)
    made.start()
    yield made, offset
    made.stop()


def circumstances(made: Surroundings, **more: Any) -> Any:
    """What evidence would say now."""
    settings = longwire.connect("ws://127.0.0.1:1/")._settings
    return made.circumstances(
        settings, queued=0, consumer=None, subscriptions=0, canary=None, **more
    )


async def until(true: Callable[[], bool]) -> None:
    """Let the loop run until something is so."""
    while not true():  # noqa: ASYNC110 - of no event
        await asyncio.sleep(0)


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
async def test_a_client_sees_its_users_loop_blocked(within: Any, isolate: bool) -> None:
    """While it blocks, inline too: the alert has file, line and function, the task, the stack."""
    with FeedThread() as feed:
        async with within(), longwire.connect(feed.url, isolate=isolate) as client:
            await client.wait_live()
            block_until(lambda: bool(client.alerts))
            (alert,) = client.alerts
            assert client.stats().loop_lag >= THRESHOLD
    assert (alert.kind, alert.cause) == ("blocked-loop", "blocked-event-loop")
    assert alert.place is not None
    assert "test_surroundings.py" in alert.place
    assert "block_until" in str(alert.stack)
    assert alert.place in alert.text
    assert alert.task is not None
    assert alert.lag is not None
    assert alert.lag >= THRESHOLD * 0.99
    assert 1 <= alert.samples <= 10


@pytest.mark.blocking
async def test_clients_of_one_loop_log_its_block_once(
    within: Any, isolate: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Each has its alert; a thousand clients do not flood the log with a thousand equal records."""
    caplog.set_level(logging.INFO, logger="longwire.client")
    with FeedThread() as feed:
        async with within(), contextlib.AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(longwire.connect(feed.url, isolate=isolate))
                for _ in range(5)
            ]
            for client in clients:
                await client.wait_live()
            block_until(lambda: all(client.alerts for client in clients))
            assert [len(client.alerts) for client in clients] == [1] * 5
            while not (notes := _records(caplog, "note")):  # noqa: ASYNC110 - logs tell nobody
                await asyncio.sleep(0.01)
            (alert,) = _records(caplog, "alert")
    assert [record.longwire_place for record in (alert,)] == [clients[0].alerts[0].place]
    assert len(notes) == 1


def _records(caplog: pytest.LogCaptureFixture, event: str) -> list[Any]:
    return [one for one in caplog.records if getattr(one, "longwire_event", None) == event]


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


@pytest.mark.blocking
async def test_what_was_before_a_link_is_not_evidence_of_its_end(around: Any) -> None:
    """Neither a block nor a jump of the clock: the next link's end has another reason."""
    made, offset = around
    time.sleep(0.5)  # noqa: ASYNC251 - to block is the point
    offset["now"] += 3600
    made._look()
    await until(lambda: not made._io.late())
    over = asyncio.get_running_loop().time()
    await until(lambda: asyncio.get_running_loop().time() > over)
    seen = circumstances(made, age=0.0)
    assert (seen.loop_lag, seen.clock_jump) == (pytest.approx(0.0, abs=0.1), None)
    seen = circumstances(made, age=60.0)
    assert seen.loop_lag >= 0.2
    assert seen.clock_jump == 3600


async def test_a_busy_loop_that_takes_no_message_is_told(around: Any) -> None:
    """Who polls gets an alert with the place; who is busy with messages gets none."""
    made, offset = around
    seen = Sighting(place="feed.py:12 in poll", task="poller", samples=5)
    busy = Block(lag=11.0, since=time.monotonic() - 11.0, seen=seen)
    offset["handed_over"] = 5
    made._on_busy(busy)
    made._look()
    made._on_busy(busy)
    assert not made._chronicle.alerts
    made._idle_since = busy.since - 1
    made._on_busy(busy)
    (alert,) = made._chronicle.alerts
    assert (alert.kind, alert.cause, alert.place) == ("busy-loop", "busy-poll-loop", seen.place)
    assert "a whole core for 11 s" in alert.text


@pytest.mark.blocking
async def test_a_function_that_blocks_the_io_thread_is_told(within: Any) -> None:
    """`matches` runs where the link runs: every link stands still, and the place is named."""
    over = threading.Event()

    def matches(message: Any) -> bool:
        return over.wait(10)

    subscribe = [longwire.Subscription("hello", matches=matches)]
    with FeedThread() as feed:
        async with within(), longwire.connect(feed.url, subscribe=subscribe) as client:
            await asyncio.to_thread(feed.wait, lambda feed: feed.link(1))
            feed.do(lambda feed: feed.emit(1))
            while not client.alerts:  # noqa: ASYNC110 - alerts tell nobody
                await asyncio.sleep(0.01)
            (alert,) = client.alerts
            over.set()
    assert alert.kind == "blocked-loop"
    assert "longwire's I/O thread" in alert.text
    assert alert.place is not None
    assert alert.place.endswith("matches")
