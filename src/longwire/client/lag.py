"""How late the user's loop is, seen from the I/O thread: also while it is blocked.

A stamp is posted to the user's loop and the time until it runs is the lag. At most one stamp is
under way: to a loop that is blocked for a minute nothing piles up.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

INTERVAL = 0.25
"""Seconds between two stamps."""

THRESHOLD = 1.0
"""Seconds of lag from which a loop counts as blocked: well above what a busy machine does to it."""

REMEMBERED = 512
"""Lags kept for `LagMeter.worst_since`. A larger one replaces all smaller ones before it."""

SOON = 0.001
"""Seconds that a timer may fire early: the resolution of an event loop's clock."""


class LagMeter:
    """Measures the lag of one loop from another's thread.

    `start` and `stop` are called on the measuring loop, where the callbacks run too; everything
    else may be asked anywhere. A loop that is not running is blocked as far as this can see. When
    the measured loop is closed, measuring ends by itself.

    Args:
        measuring: The loop that this runs on.
        measured: The user's loop, running in another thread.
        thread: The identifier of the thread that runs the measured loop, where it is known before
            the first stamp has run: a loop may be blocked by then.
        interval: Seconds between two stamps. 0.25.
        threshold: Seconds of lag from which the measured loop counts as blocked. 1.0. A block is
            noticed when it has lasted that long, and at most ``interval`` longer.
        on_block: Called with the lag once per block, while it lasts. `thread` says whose stack to
            look at.
        on_clear: Called with the whole lag once after each `on_block`: when the loop runs again,
            or when it was found closed. Not called after `stop`.
        clock: Seconds of a monotonic clock that any thread may ask.
    """

    def __init__(
        self,
        measuring: asyncio.AbstractEventLoop,
        measured: asyncio.AbstractEventLoop,
        *,
        thread: int | None = None,
        interval: float = INTERVAL,
        threshold: float = THRESHOLD,
        on_block: Callable[[float], None] | None = None,
        on_clear: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not (interval > 0 and threshold > 0):
            raise ValueError("interval and threshold must be over 0 seconds")
        self.thread = thread
        """The identifier of the thread that ran the measured loop last; None: not known."""
        self._measuring = measuring
        self._measured = measured
        self._interval = interval
        self._threshold = threshold
        self._on_block = on_block
        self._on_clear = on_clear
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None
        self._running = False
        self._blocked = False
        self._last_post = 0.0
        # Both are written by the stamp, in the measured loop's thread, and replaced, not changed.
        self._posted: float | None = None
        self._worst: tuple[tuple[float, float], ...] = ()

    # -- what anyone may ask ------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether it measures: after `start`, until `stop` or the end of the measured loop."""
        return self._running

    @property
    def blocked(self) -> bool:
        """Whether the measured loop is blocked, as `on_block` was told."""
        return self._blocked

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
        # Oldest first, and each smaller than the one before: the first that counts is the largest.
        for ended, lag in self._worst:
            if ended >= mark:
                return max(lag, current)
        return current

    # -- on the measuring loop ----------------------------------------------------------------

    def start(self) -> None:
        """Begin to measure. Nothing happens if it does already."""
        if not self._running:
            self._running = True
            self._post()

    def stop(self) -> None:
        """Measure no more. Safe to repeat."""
        self._running = False
        self._blocked = False
        self._posted = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _post(self) -> None:
        """Send a stamp."""
        now = self._posted = self._last_post = self._clock()
        try:
            self._measured.call_soon_threadsafe(self._arrive, now)
        except RuntimeError:
            # Closed: there is nothing left to measure.
            self._end()
            return
        self._look_in(min(self._interval, self._threshold))

    def _look_in(self, seconds: float) -> None:
        self._timer = self._measuring.call_later(max(seconds, SOON), self._look)

    def _look(self) -> None:
        """Judge the stamp that is under way, or send the next when it is time."""
        self._timer = None
        posted, now = self._posted, self._clock()
        if posted is None:
            lag = self.lag
            wait = self._last_post + self._interval - now
            if wait > SOON:
                self._look_in(wait)
            else:
                self._post()
            self._clear(lag)
        elif self._measured.is_closed():
            self._end()
        else:
            self._judge(now - posted)

    def _judge(self, age: float) -> None:
        if self._blocked or age < self._threshold - SOON:
            left = self._interval if self._blocked else self._threshold - age
            self._look_in(min(self._interval, left))
            return
        self._blocked = True
        self._look_in(self._interval)
        if self._on_block is not None:
            self._on_block(age)

    def _clear(self, lag: float) -> None:
        if not self._blocked:
            return
        self._blocked = False
        if self._on_clear is not None:
            self._on_clear(lag)

    def _end(self) -> None:
        """The measured loop is closed."""
        lag, blocked = self.lag, self._blocked
        self.stop()
        self._blocked = blocked
        self._clear(lag)

    # -- on the measured loop -----------------------------------------------------------------

    def _arrive(self, posted: float) -> None:
        """The stamp runs."""
        if self._posted != posted:
            # It was stopped meanwhile.
            return
        now = self._clock()
        lag = now - posted
        self.thread = threading.get_ident()
        larger = tuple(seen for seen in self._worst if seen[1] > lag)
        self._worst = (*larger, (now, lag))[-REMEMBERED:]
        self._posted = None
        if self._blocked:
            try:
                self._measuring.call_soon_threadsafe(self._clear, lag)
            except RuntimeError:
                # The measuring loop is closed: nobody wants to know any more.
                return
