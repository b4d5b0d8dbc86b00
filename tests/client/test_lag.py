"""The lag of the user's loop: measured from another thread, also while it is blocked."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from longwire.client import lag
from longwire.client.isolation import io_thread
from longwire.client.lag import LagMeter
from longwire.testing.clock import AutojumpLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longwire.client.isolation import IoThread

PATIENCE = 10.0
INTERVAL = 0.25
THRESHOLD = 1.0


class FakeLoop:
    """A user's loop that runs what is posted when told to, in the thread of who tells it."""

    def __init__(self) -> None:
        self.posted: list[Callable[[], None]] = []
        self.closed = False
        self.stamps = 0

    def call_soon_threadsafe(self, callback: Callable[..., None], *args: Any) -> None:
        if self.closed:
            raise RuntimeError("Event loop is closed")
        self.posted.append(lambda: callback(*args))
        self.stamps += 1

    def is_closed(self) -> bool:
        return self.closed

    def run(self) -> None:
        posted, self.posted = self.posted, []
        for callback in posted:
            callback()


class Bench:
    """A meter in virtual time, on a fake loop, and what it said."""

    def __init__(self, **options: Any) -> None:
        self.loop = AutojumpLoop(start=1000.0)
        self.user = FakeLoop()
        self.said: list[tuple[str, float]] = []
        self.meter = LagMeter(
            self.loop,
            self.user,  # type: ignore[arg-type]  # the two methods of a loop that it needs
            interval=INTERVAL,
            threshold=THRESHOLD,
            on_block=lambda lag: self.said.append(("block", round(lag, 6))),
            on_clear=lambda lag: self.said.append(("clear", round(lag, 6))),
            clock=self.loop.time,
            **options,
        )

    @property
    def story(self) -> list[str]:
        """What was said, and the state must fit the last of it."""
        story = [what for what, _ in self.said]
        assert self.meter.blocked == (self.meter.running and story[-1:] == ["block"])
        return story

    def wait(self, seconds: float, *, answering: bool = False) -> None:
        """Let time pass; the user's loop runs what it gets, or does not."""

        async def passing() -> None:
            end = self.loop.time() + seconds
            while self.loop.time() < end:
                await asyncio.sleep(0.01)
                if answering:
                    self.user.run()

        self.loop.run_until_complete(passing())


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    made.meter.start()
    yield made
    made.meter.stop()
    made.loop.close()


def close_to(expected: float) -> Any:
    return pytest.approx(expected, abs=0.021)


# ---------------------------------------------------------------- in virtual time


def test_stamps_at_intervals(bench: Bench) -> None:
    """A loop that answers gets a stamp per interval, and its lag is what the answer took."""
    bench.wait(10.0, answering=True)
    assert 36 <= bench.user.stamps <= 41
    assert bench.meter.lag == close_to(0.01)
    assert bench.meter.worst_since(0.0) == close_to(0.01)
    assert bench.meter.running
    assert bench.meter.thread == threading.get_ident()
    assert bench.said == []


def test_one_stamp_under_way(bench: Bench) -> None:
    """Nothing piles up in a loop that is blocked: one stamp waits, and its age is the lag."""
    bench.wait(60.0)
    assert bench.user.stamps == 1
    assert bench.meter.lag == close_to(60.0)
    assert bench.meter.worst_since(bench.loop.time()) == close_to(60.0)


def test_block_and_clear_once_each(bench: Bench) -> None:
    """A block is told once while it lasts, and cleared once with its whole length."""
    bench.wait(0.5, answering=True)
    bench.wait(0.9)
    assert bench.said == []
    bench.wait(4.1)
    assert bench.story == ["block"]
    assert THRESHOLD - 0.001 <= bench.said[0][1] <= THRESHOLD + INTERVAL
    bench.wait(1.0, answering=True)
    assert bench.story == ["block", "clear"]
    assert 4.7 < bench.said[1][1] < 5.1
    bench.wait(2.0)
    bench.wait(1.0, answering=True)
    assert bench.story == ["block", "clear", "block", "clear"]


def test_short_lag_is_no_block(bench: Bench) -> None:
    """Lag below the threshold is remembered, and no alarm is given."""
    bench.wait(0.5, answering=True)
    bench.wait(0.9)
    bench.wait(0.5, answering=True)
    assert bench.said == []
    assert 0.6 < bench.meter.worst_since(0.0) < 1.0


def test_worst_since(bench: Bench) -> None:
    """The worst lag since a moment is that of what ended after it, or still lasts."""
    bench.wait(0.5, answering=True)
    for seconds in (5.0, 3.0, 2.0):
        bench.wait(seconds)
        bench.wait(0.5, answering=True)
    now = bench.loop.time()
    # They ended 0.5, 3.0 and 6.5 seconds ago.
    assert bench.meter.worst_since(now - 100.0) == pytest.approx(5.0, abs=0.3)
    assert bench.meter.worst_since(now - 6.0) == pytest.approx(3.0, abs=0.3)
    assert bench.meter.worst_since(now - 2.0) == pytest.approx(2.0, abs=0.3)
    assert bench.meter.worst_since(now - 0.2) < 0.1
    bench.wait(4.0)
    now = bench.loop.time()
    assert bench.meter.worst_since(now) == pytest.approx(4.0, abs=0.3)
    assert bench.meter.worst_since(now - 100.0) == pytest.approx(5.0, abs=0.3)


def test_memory_is_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the lags fall, only so many are kept, the newest."""
    monkeypatch.setattr(lag, "REMEMBERED", 5)
    for step in range(10):
        bench.wait(3.0 - step * 0.1)
        bench.user.run()
        # The next stamp, so that the next wait is a lag again.
        bench.wait(0.3)
    assert len(bench.meter._worst) == 5
    assert bench.meter.worst_since(0.0) == pytest.approx(2.5, abs=0.3)


def test_stop_and_start(bench: Bench) -> None:
    """After `stop` no timer is left and no callback comes; `start` begins anew."""
    bench.wait(2.0)
    assert bench.story == ["block"]
    bench.meter.stop()
    bench.meter.stop()
    assert not bench.meter.running
    bench.user.run()
    bench.wait(5.0)
    assert bench.user.stamps == 1
    assert bench.story == ["block"]
    bench.meter.start()
    bench.meter.start()
    assert bench.user.stamps == 2
    bench.wait(2.0)
    assert bench.story == ["block", "block"]


def test_old_stamp_is_not_the_new_one(bench: Bench) -> None:
    """A stamp from before a `stop` says nothing about the time after it."""
    bench.meter.stop()
    bench.wait(5.0)
    bench.meter.start()
    old, bench.user.posted = bench.user.posted[0], bench.user.posted[1:]
    old()
    bench.wait(0.1)
    assert bench.meter.lag == close_to(0.1)
    assert bench.meter.worst_since(0.0) == close_to(0.1)


def test_closed_between_stamps(bench: Bench) -> None:
    """When the user's loop is closed, measuring ends."""
    bench.wait(1.0, answering=True)
    bench.user.closed = True
    bench.wait(1.0, answering=True)
    assert not bench.meter.running
    assert bench.meter._timer is None
    assert bench.said == []


def test_closed_while_blocked(bench: Bench) -> None:
    """When the user's loop is closed in the midst of a block, the block is cleared, once."""
    bench.wait(2.0)
    bench.user.closed = True
    bench.wait(2.0)
    assert not bench.meter.running
    assert bench.story == ["block", "clear"]
    assert bench.said[1][1] >= 2.0


def test_failing_callback_does_not_stop_it() -> None:
    """An exception in a callback is the loop's to report; measuring goes on."""
    bench = Bench()
    errors: list[BaseException] = []
    bench.loop.set_exception_handler(lambda loop, context: errors.append(context["exception"]))

    def fail(lag: float) -> None:
        raise LookupError("as asked")

    bench.meter._on_block = bench.meter._on_clear = fail
    bench.meter.start()
    bench.wait(2.0)
    bench.wait(1.0, answering=True)
    assert [type(error) for error in errors] == [LookupError, LookupError]
    stamps = bench.user.stamps
    bench.wait(1.0, answering=True)
    assert bench.user.stamps > stamps
    bench.meter.stop()
    bench.loop.close()


@pytest.mark.parametrize(("interval", "threshold"), [(0.0, 1.0), (0.25, 0.0), (-1.0, 1.0)])
def test_options_are_checked(interval: float, threshold: float) -> None:
    """Times that make no sense are refused."""
    loop = asyncio.new_event_loop()
    with pytest.raises(ValueError, match="over 0"):
        LagMeter(loop, loop, interval=interval, threshold=threshold)
    loop.close()


# ---------------------------------------------------------------- with real loops


class Watched(LagMeter):
    """A meter that tells its test when something has happened to it."""

    def __init__(self, *loops: asyncio.AbstractEventLoop, **options: Any) -> None:
        super().__init__(*loops, **options)
        self.stamped = asyncio.Event()
        self.ended = threading.Event()

    def _arrive(self, posted: float) -> None:
        super()._arrive(posted)
        self.stamped.set()

    def _end(self) -> None:
        super()._end()
        self.ended.set()


class Watch:
    """A meter on the I/O thread, over the loop that runs the test."""

    def __init__(self, io: IoThread) -> None:
        self.blocked = threading.Event()
        self.cleared = threading.Event()
        self.block_lag = self.clear_lag = 0.0
        self.said_by: set[int] = set()
        self.io = io
        self.meter = Watched(
            io.loop,
            asyncio.get_running_loop(),
            interval=0.02,
            threshold=0.1,
            on_block=self._on_block,
            on_clear=self._on_clear,
        )

    def _on_block(self, lag: float) -> None:
        self.said_by.add(threading.get_ident())
        self.block_lag = lag
        self.blocked.set()

    def _on_clear(self, lag: float) -> None:
        self.said_by.add(threading.get_ident())
        self.clear_lag = lag
        self.cleared.set()

    async def start(self) -> None:
        """Start the meter in its thread and wait until the user's loop has answered it."""

        async def start() -> None:
            self.meter.start()

        await asyncio.wrap_future(self.io.submit(start()))
        async with asyncio.timeout(PATIENCE):
            await self.meter.stamped.wait()

    async def stop(self) -> None:
        """Stop the meter in its thread."""

        async def stop() -> None:
            self.meter.stop()

        await asyncio.wrap_future(self.io.submit(stop()))

    def block(self, how: str) -> None:
        """Block the calling thread until that was noticed."""
        deadline = time.monotonic() + PATIENCE
        while not self.blocked.is_set() and time.monotonic() < deadline:
            if how == "sleep":
                time.sleep(0.01)


@pytest.mark.both_loops
@pytest.mark.blocking
@pytest.mark.parametrize("how", ["sleep", "spin"])
async def test_block_is_seen_while_it_lasts(how: str) -> None:
    """A user's loop that sleeps or spins is found blocked while it does, and clear after that."""
    async with io_thread() as io:
        watch = Watch(io)
        await watch.start()
        assert watch.meter.thread == threading.get_ident()
        # The very loop that is measured does not run in here, yet its block is noticed.
        watch.block(how)
        assert watch.blocked.is_set()
        assert watch.meter.blocked
        assert watch.meter.lag >= 0.09
        assert watch.block_lag >= 0.09
        assert await asyncio.to_thread(watch.cleared.wait, PATIENCE)
        assert watch.clear_lag >= watch.block_lag
        assert watch.meter.worst_since(0.0) >= watch.clear_lag
        assert watch.said_by == {io.ident}
        await watch.stop()


def test_survives_the_end_of_the_users_loop() -> None:
    """When the user's loop is closed, the meter ends by itself, and the I/O thread goes on."""

    async def use() -> Watched:
        watch = Watch(io)
        await watch.start()
        return watch.meter

    async def whoami() -> int:
        return threading.get_ident()

    with io_thread() as io:
        meter = asyncio.run(use())
        assert meter.ended.wait(PATIENCE)
        assert not meter.running
        assert io.submit(whoami()).result(PATIENCE) == io.ident


async def test_measuring_loop_may_close_first() -> None:
    """A stamp that runs when the measuring loop is gone does no harm."""
    measuring = asyncio.new_event_loop()
    meter = Watched(measuring, asyncio.get_running_loop())
    meter.start()
    # As it would be if the block had lasted.
    meter._blocked = True
    measuring.close()
    async with asyncio.timeout(PATIENCE):
        await meter.stamped.wait()
    meter.stop()
