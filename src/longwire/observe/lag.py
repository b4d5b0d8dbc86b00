"""How late an event loop is, seen from another thread: also while it is blocked, and by what.

A stamp is posted to the loop and the time until it runs is the lag. At most one stamp is under way:
to a loop that is blocked for a minute nothing piles up. While the loop is blocked, and only then,
the stack of its thread is looked at.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from longwire.observe.sighting import NOWHERE, Sighting, sum_up
from longwire.observe.stack import Sample

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

INTERVAL: Final = 0.25
"""Seconds between two stamps."""

THRESHOLD: Final = 1.0
"""Seconds of lag from which a loop counts as blocked: well above what a busy machine does to it,
ten times what asyncio's debug mode calls slow, a tenth of what the shortest server timeouts are."""

QUICK: Final = 5
"""Looks at a blocked thread before its place is told: enough to tell one call from a spin."""

SPACING: Final = 0.02
"""Seconds between those: four of the interpreter's switch intervals."""

MOST: Final = 10
"""Looks at one block altogether; those after the first few are an interval apart."""

REMEMBERED: Final = 512
"""Lags kept for `LagMeter.worst_since`. A larger one replaces all smaller ones before it."""

BUSY: Final = 10.0
"""Seconds for which a loop's thread must have used a whole core for that to be told."""

WHOLE: Final = 0.9
"""How much of a core counts as a whole one."""

SOON: Final = 0.001
"""Seconds that a look may be early: the resolution of a clock."""

Gil = Literal["sure", "likely"]
"""How well it is known that the GIL was held: see `Block.gil`."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """That the watching thread itself could not run."""

    seconds: float
    gil: Gil
    seen: tuple[Sample, ...] = ()
    """What held it up, where that is known already."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A loop that does not run, or did not."""

    lag: float
    """Seconds since it should have run; once it is over, the whole of it."""
    since: float
    """When that was, in seconds of the monotonic clock."""
    seen: Sighting = NOWHERE
    """Where the thread was."""
    gil: Gil | None = None
    """C code held the GIL, so that no other thread of the process ran either. ``"likely"``: or the
    whole process was stopped."""


News = tuple[Literal["blocked", "clear", "busy"], Block]
"""Something to tell: that a loop is blocked, once per block, and that it runs again; or that it
runs, and its thread has used a whole core for `BUSY` seconds, once per stretch."""


class LagMeter:
    """Measures the lag of one loop. It has no thread of its own: somebody calls `look` in time.

    Whoever looks holds a lock of his own; everything else may be asked anywhere. A loop that is not
    running is blocked as far as this can see. When it is closed, measuring ends by itself.

    Args:
        loop: The loop, running in another thread.
        thread: The identifier of its thread, where it is known before the first stamp has run: a
            loop may be blocked by then.
        sample: Looks at a thread.
        interval: Seconds between two stamps. 0.25.
        threshold: Seconds of lag from which the loop counts as blocked. 1.0. A block is told when
            it has lasted that long and has been looked at, see `QUICK`.
        clock: Seconds of a monotonic clock that any thread may ask.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        thread: int | None = None,
        sample: Callable[[int | None, asyncio.AbstractEventLoop], Sample | None],
        interval: float = INTERVAL,
        threshold: float = THRESHOLD,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not (interval > 0 and threshold > 0):
            raise ValueError("interval and threshold must be over 0 seconds")
        self.thread = thread
        """The identifier of the thread that ran the loop last; None: not known."""
        self.looks = 0
        """How often the thread was looked at, ever."""
        self.ended = False
        """The loop was found closed."""
        self._loop = loop
        self._sample = sample
        self._interval = interval
        self._threshold = threshold
        self._clock = clock
        self._samples: list[Sample] = []
        self._tries = 0
        self._told = False
        self._kept: Kept | None = None
        self._block: Block | None = None
        self._busy: list[Sample] = []
        self._busy_told = 0.0
        self._last_post = 0.0
        # Both are written by the stamp, in the loop's thread, and replaced, not changed.
        self._posted: float | None = None
        self._worst: tuple[tuple[float, float], ...] = ()
        # Since when the thread has used a whole core; and its time, and the clock's, at that stamp.
        self._busy_since: float | None = None
        self._used: tuple[float, float] | None = None

    # -- what anyone may ask ------------------------------------------------------------------

    @property
    def lag(self) -> float:
        """The lag in seconds: the age of the stamp under way, or else what the last one took."""
        posted = self._posted
        if posted is not None:
            return self._clock() - posted
        worst = self._worst
        return worst[-1][1] if worst else 0.0

    def worst_since(self, mark: float) -> float:
        """The largest lag seen at or after a moment, one that still lasts included, in seconds.

        Args:
            mark: Seconds of the clock.
        """
        posted = self._posted
        current = 0.0 if posted is None else self._clock() - posted
        block = self.block_since(mark)
        if block is not None:
            current = max(current, block.lag)
        # Oldest first, and each smaller than the one before: the first that counts is the largest.
        for ended, lag in self._worst:
            if ended >= mark:
                return max(lag, current)
        return current

    def block_since(self, mark: float) -> Block | None:
        """The latest block that lasted at or after a moment; None if there was none.

        Args:
            mark: Seconds of the clock.
        """
        block = self._block
        if block is not None and block.since == self._posted:
            return msgspec.structs.replace(block, lag=self._clock() - block.since)
        return block if block is not None and block.since + block.lag >= mark else None

    # -- for who watches ----------------------------------------------------------------------

    def look(self, now: float, kept: Kept | None = None) -> tuple[float, list[News]]:
        """Judge the stamp that is under way, or send the next when it is time.

        Args:
            now: Seconds of the clock.
            kept: The watching thread comes late.

        Returns:
            In how many seconds to look again, and what is to be told.
        """
        posted = self._posted
        if posted is None:
            news = self._clear(self.lag) or self._over_already(now, kept)
            if self._look_busy(now, news):
                return SPACING, news
            wait = self._last_post + self._interval - now
            return (wait, news) if wait > SOON else (self._post(now), news)
        if self._loop.is_closed():
            return self._interval, self._end(now - posted)
        age = now - posted
        if age < self._threshold - SOON:
            return min(self._interval, self._threshold - age), []
        return self._blocked(posted, age, kept)

    def _post(self, now: float) -> float:
        """Send a stamp."""
        self._posted = self._last_post = now
        try:
            self._loop.call_soon_threadsafe(self._arrive, now)
        except RuntimeError:
            # Closed: there is nothing left to measure.
            self._posted = None
            self.ended = True
        return min(self._interval, self._threshold)

    def _blocked(self, posted: float, age: float, kept: Kept | None) -> tuple[float, list[News]]:
        """The stamp is overdue: look at the thread, and tell when that was often enough."""
        if kept is not None and kept.seconds >= age / 2:
            self._kept = kept
            self._samples = list(kept.seen)
        if self._tries < MOST and not (self._kept is not None and self._kept.seen):
            self._look_at_thread(posted)
        self._block = self._as_block(posted, age)
        if self._told:
            return self._interval, []
        if self._tries < QUICK and self._kept is None:
            return SPACING, []
        self._told = True
        return self._interval, [("blocked", self._block)]

    def _look_at_thread(self, posted: float) -> None:
        self._tries += 1
        self.looks += 1
        seen = self._sample(self.thread, self._loop)
        # If the stamp has run meanwhile, the thread does something else by now.
        if seen is not None and self._posted == posted:
            self._samples.append(seen)

    def _as_block(self, posted: float, lag: float) -> Block:
        gil = None if self._kept is None else self._kept.gil
        return Block(lag=lag, since=posted, seen=sum_up(self._samples), gil=gil)

    def _clear(self, lag: float) -> list[News]:
        block = self._block
        if self._tries == 0 and self._kept is None:
            return []
        news: list[News] = []
        if block is not None:
            block = self._block = msgspec.structs.replace(block, lag=max(lag, block.lag))
            if not self._told:
                # It ended while it was being looked at.
                news.append(("blocked", block))
            news.append(("clear", block))
        self._samples, self._tries, self._told, self._kept = [], 0, False, None
        return news

    def _over_already(self, now: float, kept: Kept | None) -> list[News]:
        """A block in which nobody could look: it was over when the watching thread ran again.

        If no stamp was under way when it began, no stamp has measured it: what kept the watching
        thread kept the loop.
        """
        if kept is None:
            return []
        ended, lag = self._worst[-1] if self._worst else (0.0, 0.0)
        if ended < now - kept.seconds or lag < kept.seconds:
            ended, lag = now, kept.seconds
        if lag < self._threshold or kept.seconds < lag / 2:
            return []
        seen = self._sample(self.thread, self._loop) if not kept.seen else None
        samples = kept.seen if seen is None else (seen,)
        self.looks += seen is not None
        self._block = Block(lag=lag, since=ended - lag, seen=sum_up(samples), gil=kept.gil)
        return [("blocked", self._block), ("clear", self._block)]

    def _look_busy(self, now: float, news: list[News]) -> bool:
        """See what a thread is busy with, if it has been for long; True: look again soon."""
        since = self._busy_since
        if since is None or now - since < BUSY or since == self._busy_told:
            self._busy = []
            return False
        self.looks += 1
        seen = self._sample(self.thread, self._loop)
        if seen is not None:
            self._busy.append(seen)
        if seen is not None and len(self._busy) < QUICK:
            return True
        self._busy_told = since
        news.append(("busy", Block(lag=now - since, since=since, seen=sum_up(self._busy))))
        return False

    def _end(self, lag: float) -> list[News]:
        """The loop is closed."""
        self._posted = None
        self.ended = True
        return self._clear(lag)

    # -- on the loop --------------------------------------------------------------------------

    def _arrive(self, posted: float) -> None:
        """The stamp runs."""
        now = self._clock()
        lag = now - posted
        self.thread = threading.get_ident()
        larger = tuple(seen for seen in self._worst if seen[1] > lag)
        self._worst = (*larger, (now, lag))[-REMEMBERED:]
        self._note_used(now)
        self._posted = None

    def _note_used(self, now: float) -> None:
        """How much of a core the thread has used since the last stamp."""
        used = time.thread_time()
        before, self._used = self._used, (now, used)
        if before is None or used - before[1] < WHOLE * (now - before[0]):
            self._busy_since = None
        elif self._busy_since is None:
            self._busy_since = before[0]
