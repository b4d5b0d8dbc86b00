"""The lag of a loop and what blocks it, in time that the test moves by hand."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from longwire.observe import lag
from longwire.observe.lag import BUSY, MOST, QUICK, SOON, Kept, LagMeter
from longwire.observe.stack import Frame, Sample

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL = 0.25
THRESHOLD = 1.0
HERE = Frame("/home/me/feed.py", 12, "parse")
THERE = Frame("/home/me/feed.py", 20, "store")
CALLER = Frame("/home/me/feed.py", 30, "handle")


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
    """A meter whose time moves by hand, on a fake loop, and what it said."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.user = FakeLoop()
        self.news: list[tuple[str, lag.Block]] = []
        self.frames: list[tuple[Frame, ...]] = [(HERE, CALLER)]
        self.meter = LagMeter(
            self.user,  # type: ignore[arg-type]  # the two methods of a loop that it needs
            sample=self.sample,
            interval=INTERVAL,
            threshold=THRESHOLD,
            clock=lambda: self.now,
        )

    def sample(self, thread: int | None, loop: object) -> Sample | None:
        self.frames.append(self.frames.pop(0))
        return Sample(self.frames[-1], "Task-1")

    @property
    def story(self) -> list[str]:
        return [what for what, _ in self.news]

    def look(self, kept: Kept | None = None) -> float:
        wait, news = self.meter.look(self.now, kept)
        self.news += news
        return max(wait, SOON)

    def wait(self, seconds: float, *, answering: bool = False) -> None:
        """Let time pass, looking as often as is asked for; the loop runs what it gets, or not."""
        end = self.now + seconds
        while self.now < end - SOON and not self.meter.ended:
            self.now = min(end, self.now + self.look())
            if answering:
                self.user.run()


@pytest.fixture
def bench() -> Bench:
    return Bench()


# ---------------------------------------------------------------- the lag


def test_stamps_at_intervals(bench: Bench) -> None:
    """A loop that answers gets a stamp per interval, is not late, and nobody looks at its stack."""
    bench.wait(10.0, answering=True)
    assert 19 <= bench.user.stamps <= 41
    assert bench.meter.worst_since(0.0) <= INTERVAL
    assert bench.meter.thread == threading.get_ident()
    assert (bench.news, bench.meter.looks) == ([], 0)


def test_one_stamp_under_way(bench: Bench) -> None:
    """Nothing piles up in a loop that is blocked: one stamp waits, and its age is the lag."""
    bench.wait(60.0)
    assert bench.user.stamps == 1
    assert bench.meter.lag == pytest.approx(60.0)
    assert bench.meter.worst_since(bench.now) == pytest.approx(60.0)


def test_block_and_clear_once_each(bench: Bench) -> None:
    """A block is told once while it lasts, and cleared once with its whole length."""
    bench.wait(0.5, answering=True)
    bench.wait(0.9)
    assert bench.news == []
    bench.wait(4.1)
    assert bench.story == ["blocked"]
    assert THRESHOLD - SOON <= bench.news[0][1].lag <= THRESHOLD + INTERVAL
    bench.wait(1.0, answering=True)
    assert bench.story == ["blocked", "clear"]
    assert bench.news[1][1].lag == pytest.approx(5.0, abs=INTERVAL)
    bench.wait(2.0)
    bench.wait(1.0, answering=True)
    assert bench.story == ["blocked", "clear", "blocked", "clear"]


def test_short_lag_is_no_block(bench: Bench) -> None:
    """Lag below the threshold is remembered; no alarm is given, and nobody looks at the stack."""
    bench.wait(0.5, answering=True)
    bench.wait(0.7)
    bench.wait(0.5, answering=True)
    assert (bench.news, bench.meter.looks) == ([], 0)
    assert 0.6 < bench.meter.worst_since(0.0) < 1.0


def test_worst_since(bench: Bench) -> None:
    """The worst lag since a moment is that of what ended after it, or still lasts."""
    bench.wait(0.5, answering=True)
    for seconds in (5.0, 3.0, 2.0):
        bench.wait(seconds)
        bench.wait(0.5, answering=True)
    now = bench.now
    # They ended 0.5, 3.0 and 6.5 seconds ago.
    assert bench.meter.worst_since(now - 100.0) == pytest.approx(5.0, abs=0.3)
    assert bench.meter.worst_since(now - 6.0) == pytest.approx(3.0, abs=0.3)
    assert bench.meter.worst_since(now - 2.0) == pytest.approx(2.0, abs=0.3)
    assert bench.meter.worst_since(now - 0.1) < 0.3
    assert bench.meter.block_since(now - 2.0) is not None
    assert bench.meter.block_since(now) is None
    bench.wait(4.0)
    assert bench.meter.worst_since(bench.now) == pytest.approx(4.0, abs=0.3)
    assert bench.meter.worst_since(bench.now - 100.0) == pytest.approx(5.0, abs=0.3)


def test_memory_is_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the lags fall, only so many are kept, the newest."""
    monkeypatch.setattr(lag, "REMEMBERED", 5)
    for step in range(10):
        bench.wait(3.0 - step * 0.1)
        bench.user.run()
        bench.wait(0.3)
    assert len(bench.meter._worst) == 5
    assert bench.meter.worst_since(0.0) == pytest.approx(2.5, abs=0.3)


@pytest.mark.parametrize("blocked", [False, True])
def test_the_end_of_the_loop(bench: Bench, blocked: bool) -> None:
    """When the loop is closed, measuring ends; a block that it ends is cleared, once."""
    bench.wait(2.0, answering=not blocked)
    bench.user.closed = True
    bench.wait(2.0, answering=not blocked)
    assert bench.meter.ended
    assert bench.story == (["blocked", "clear"] if blocked else [])


@pytest.mark.parametrize(("interval", "threshold"), [(0.0, 1.0), (0.25, 0.0), (-1.0, 1.0)])
def test_options_are_checked(interval: float, threshold: float) -> None:
    """Times that make no sense are refused."""
    loop = asyncio.new_event_loop()
    with pytest.raises(ValueError, match="over 0"):
        LagMeter(loop, sample=lambda *_: None, interval=interval, threshold=threshold)
    loop.close()


# ---------------------------------------------------------------- the place


def test_a_blocked_thread_is_looked_at_a_few_times(bench: Bench) -> None:
    """Five looks before the place is told, ten in all, however long the block lasts."""
    bench.wait(60.0)
    ((_, told),) = bench.news
    assert (told.seen.samples, told.seen.task) == (QUICK, "Task-1")
    assert told.seen.place == "home/me/feed.py:12 in parse"
    assert told.gil is None
    assert bench.meter.looks == MOST
    block = bench.meter.block_since(bench.now)
    assert block is not None
    assert (block.seen.samples, block.lag) == (MOST, pytest.approx(60.0, abs=INTERVAL))


def test_a_spin_between_functions_is_named_by_what_calls_them(bench: Bench) -> None:
    """The innermost call that all looks found is the place; what differs is told along with it."""
    bench.frames = [(HERE, CALLER), (THERE, CALLER)]
    bench.wait(3.0)
    seen = bench.news[0][1].seen
    assert seen.place == "home/me/feed.py:30 in handle"
    assert "home/me/feed.py:12 in parse (3 of 5)" in seen.among
    assert "home/me/feed.py:20 in store (2 of 5)" in seen.among


def test_a_block_that_ends_while_it_is_looked_at(bench: Bench) -> None:
    """It is told all the same, with the looks there were, and cleared at once."""
    bench.look()
    bench.now += THRESHOLD
    bench.look()
    assert bench.news == []
    bench.now += 0.01
    bench.user.run()
    bench.look()
    assert bench.story == ["blocked", "clear"]
    assert bench.news[0][1].seen.samples == 1


def test_the_next_block_begins_anew(bench: Bench) -> None:
    """What was seen in one block says nothing of the next."""
    bench.wait(3.0)
    bench.wait(1.0, answering=True)
    bench.frames = [(THERE,)]
    bench.wait(3.0)
    assert bench.news[-1][1].seen.place == "home/me/feed.py:20 in store"


# ---------------------------------------------------------------- when nobody could look


def test_a_held_gil_is_told_at_the_first_look(bench: Bench) -> None:
    """The watching thread could not run either: one look at where the thread is now, and told."""
    bench.look()
    bench.now += 3.0
    bench.look(Kept(seconds=2.7, gil="sure"))
    ((what, block),) = bench.news
    assert (what, block.gil, block.lag, block.seen.samples) == ("blocked", "sure", 3.0, 1)


def test_what_was_seen_meanwhile_goes_before(bench: Bench) -> None:
    """Where something saw the thread while the GIL was held, nobody looks again."""
    bench.look()
    bench.now += 3.0
    bench.look(Kept(seconds=2.7, gil="sure", seen=(Sample((THERE,), None),)))
    assert bench.news[0][1].seen.place == "home/me/feed.py:20 in store"
    assert bench.meter.looks == 0


def test_a_late_watcher_explains_no_longer_block(bench: Bench) -> None:
    """A busy machine made it late for a moment of a block that lasts ten times as long."""
    bench.wait(0.5)
    bench.now += 4.5
    bench.look(Kept(seconds=0.5, gil="likely"))
    bench.wait(1.0)
    assert bench.news[0][1].gil is None


@pytest.mark.parametrize("stamped", [True, False], ids=["stamp under way", "no stamp"])
def test_a_held_gil_that_is_over_at_the_first_look(bench: Bench, stamped: bool) -> None:
    """Whether or not a stamp had measured it, it is told, with its length, and cleared."""
    bench.look()
    if not stamped:
        bench.user.run()
    bench.now += 3.0
    bench.user.run()
    bench.look(Kept(seconds=2.9, gil="likely"))
    assert bench.story == ["blocked", "clear"]
    block = bench.news[0][1]
    assert (block.gil, block.lag) == ("likely", pytest.approx(3.0 if stamped else 2.9))
    assert block.seen.place == "home/me/feed.py:12 in parse"
    assert bench.meter.worst_since(bench.now - 1) == pytest.approx(block.lag)


def test_a_watcher_that_is_a_little_late_tells_nothing(bench: Bench) -> None:
    """Below the threshold it is no block, whoever could not run."""
    bench.wait(1.0, answering=True)
    bench.now += 0.7
    bench.look(Kept(seconds=0.7, gil="likely"))
    assert bench.news == []


def test_an_old_stamp_of_a_thread_that_went_on(bench: Bench) -> None:
    """A look during which the stamp ran is not counted: the thread does something else by now."""

    def sample_and_go(thread: int | None, loop: object) -> Sample | None:
        bench.user.run()
        return Sample((HERE,), None)

    bench.meter._sample = sample_and_go
    bench.look()
    bench.now += THRESHOLD
    bench.look()
    bench.look()
    assert bench.news[0][1].seen.samples == 0


# ---------------------------------------------------------------- a loop that runs, and is busy


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The processor time of the thread, moved by hand."""
    used = {"now": 5.0, "share": 1.0}
    monkeypatch.setattr(time, "thread_time", lambda: used["now"])
    return used


def keep_busy(bench: Bench, core: dict[str, float], seconds: float) -> None:
    """Let time pass on a loop that answers, and uses its share of a core."""
    end = bench.now + seconds
    while bench.now < end - SOON:
        wait = bench.look()
        bench.now += wait
        core["now"] += wait * core["share"]
        bench.user.run()


def test_a_whole_core_for_long_is_told_once(bench: Bench, core: dict[str, float]) -> None:
    """It comes round in time, so it is no block; after ten seconds it is looked at, five times."""
    keep_busy(bench, core, BUSY * 0.9)
    assert (bench.news, bench.meter.looks) == ([], 0)
    keep_busy(bench, core, BUSY * 3)
    ((what, block),) = bench.news
    assert (what, block.seen.place) == ("busy", "home/me/feed.py:12 in parse")
    assert BUSY <= block.lag <= BUSY + 2 * INTERVAL
    assert (block.seen.samples, bench.meter.looks) == (QUICK, QUICK)
    core["share"] = 0.5
    keep_busy(bench, core, 1.0)
    core["share"] = 1.0
    keep_busy(bench, core, BUSY * 1.5)
    assert bench.story == ["busy", "busy"]


def test_less_than_a_core_is_nothing(bench: Bench, core: dict[str, float]) -> None:
    """A loop that now and then has nothing to do is in order."""
    core["share"] = 0.8
    keep_busy(bench, core, BUSY * 3)
    assert (bench.news, bench.meter.looks) == ([], 0)
