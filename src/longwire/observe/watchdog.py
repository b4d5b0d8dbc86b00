"""The watchdog: one thread per process that notices when an event loop stands still, and where.

It watches every loop that a client has to do with, once, however many clients there are: the loops
of users, and that of the I/O thread. It starts with the first client and ends with the last. All it
does to a loop is to post a stamp four times a second; stacks are looked at while a loop is blocked.

While C code holds the GIL, this thread cannot run either. It is the first thing to run when the GIL
comes free, as a rule before the thread that had held it has gone on, and looks where that is then.

Fork: a forked child has no such thread, and nothing of its parent's is watched there. Its own
clients start another.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from typing import TYPE_CHECKING, Final

from longwire.observe.gil import LATE, GilWatch
from longwire.observe.lag import INTERVAL, THRESHOLD, LagMeter
from longwire.observe.stack import sample

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from longwire.observe.lag import Block, News
    from longwire.observe.stack import Sample

THREAD_NAME: Final = "longwire-watchdog"

EXIT_WAIT: Final = 1.0
"""Seconds that an interpreter at its end waits for the thread."""


def _sample_another(thread: int | None, loop: asyncio.AbstractEventLoop) -> Sample | None:
    """What a thread is doing, unless it is the one that asks: it does something else by now."""
    return None if thread == threading.get_ident() else sample(thread, loop)


class Watch:
    """One client's interest in one loop; made by `Watchdog.watch`, and stopped by `stop`."""

    def __init__(
        self,
        watchdog: Watchdog,
        meter: LagMeter,
        on_block: Callable[[Block], None],
        on_clear: Callable[[Block], None],
        on_busy: Callable[[Block], None],
    ) -> None:
        self._watchdog = watchdog
        self._meter = meter
        self._tell = {"blocked": on_block, "clear": on_clear, "busy": on_busy}

    @property
    def lag(self) -> float:
        """How late the loop is now, in seconds."""
        return self._meter.lag

    def worst_since(self, mark: float) -> float:
        """As `LagMeter.worst_since`."""
        return self._meter.worst_since(mark)

    def block_since(self, mark: float) -> Block | None:
        """As `LagMeter.block_since`; a block that has just ended is looked into first."""
        self._watchdog.catch_up()
        return self._meter.block_since(mark)

    def tell(self, news: News) -> None:
        """Hand something on to who wanted to know."""
        what, block = news
        self._tell[what](block)

    def stop(self) -> None:
        """Nothing is told after this has returned, but what is being told just then."""
        self._watchdog.forget(self, self._meter)


class Watchdog:
    """The thread, and what it watches.

    Args:
        interval: Seconds between two stamps to a loop. 0.25.
        threshold: Seconds of lag from which a loop counts as blocked. 1.0.
    """

    def __init__(self, *, interval: float = INTERVAL, threshold: float = THRESHOLD) -> None:
        self._interval = interval
        self._threshold = threshold
        self._clear()

    def _clear(self) -> None:
        # One that a signal handler which forks may take again.
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._watched: dict[asyncio.AbstractEventLoop, tuple[LagMeter, set[Watch]]] = {}
        self._thread: threading.Thread | None = None
        self._due = time.monotonic()
        self._gil = GilWatch()

    @property
    def looks(self) -> int:
        """How often stacks of threads were looked at for the loops that are watched now."""
        with self._lock:
            return sum(meter.looks for meter, _ in self._watched.values())

    @property
    def running(self) -> bool:
        """Whether there is a thread."""
        return self._thread is not None

    def watch(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        thread: int | None,
        on_block: Callable[[Block], None],
        on_clear: Callable[[Block], None],
        on_busy: Callable[[Block], None],
    ) -> Watch:
        """Watch a loop. May be called from any thread.

        Args:
            loop: The loop.
            thread: The identifier of its thread; None: not known yet.
            on_block: Called once per block while it lasts, or right after it where nobody could
                run before. From the watchdog's thread as a rule; it should be quick.
            on_clear: Called with the whole block, once after each ``on_block``.
            on_busy: Called when the loop runs, and its thread has used a whole core for long: with
                what it was seen at, and for how long.

        Raises:
            RuntimeError: the system has no thread to give, or the interpreter is about to end.
        """
        with self._lock:
            known = self._watched.get(loop)
            if known is None:
                meter = LagMeter(
                    loop,
                    thread=thread,
                    sample=_sample_another,
                    interval=self._interval,
                    threshold=self._threshold,
                )
                known = self._watched[loop] = meter, set()
            watch = Watch(self, known[0], on_block, on_clear, on_busy)
            known[1].add(watch)
            try:
                self._start()
            except RuntimeError:
                self._drop(watch, loop)
                raise
        return watch

    def _start(self) -> None:
        if self._thread is not None:
            return
        self._due = time.monotonic()
        self._gil = GilWatch()
        thread = threading.Thread(target=self._run, name=THREAD_NAME, daemon=True)
        thread.start()
        self._thread = thread

    def forget(self, watch: Watch, meter: LagMeter) -> None:
        """Somebody wants to know no more.

        After the last one the thread sleeps on to its next look, and ends then: clients that come
        and go one after the other do not start a thread each.
        """
        with self._lock:
            for loop, (known, _) in list(self._watched.items()):
                if known is meter:
                    self._drop(watch, loop)

    def _drop(self, watch: Watch, loop: asyncio.AbstractEventLoop) -> None:
        _, watches = self._watched[loop]
        watches.discard(watch)
        if not watches:
            del self._watched[loop]

    # -- looking ------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._watched:
                    self._thread = None
                    self._gil.close()
                    return
            self._look()
            self._wake.wait(max(0.0, self._due - time.monotonic()))
            self._wake.clear()

    def catch_up(self) -> None:
        """Look now, if the thread should have and could not. May be called from any thread."""
        if time.monotonic() - self._due >= LATE:
            self._look()

    def _look(self) -> None:
        """Look at every loop, then tell: what is told may take its time, and ask in turn."""
        telling: list[tuple[Watch, News]] = []
        with self._lock:
            now = time.monotonic()
            late = self._gil.look(now, self._due)
            wait = self._interval
            for loop, (meter, watches) in self._watched.items():
                kept = None
                if late is not None and max(late.seconds, meter.lag) >= self._threshold:
                    kept = late.about(meter.thread, loop)
                again, news = meter.look(now, kept)
                wait = min(wait, again)
                telling += [(watch, each) for each in news for watch in watches]
            self._due = now + max(0.0, wait)
        for watch, each in telling:
            try:
                watch.tell(each)
            except Exception as error:  # noqa: BLE001 - reported as Python does; the others are told
                # What is told is logged, and the user may have filters that fail.
                here = threading.current_thread()
                told = (type(error), error, error.__traceback__, here)
                threading.excepthook(threading.ExceptHookArgs(told))

    # -- the process --------------------------------------------------------------------------

    def stop(self) -> None:
        """The interpreter ends: so does the thread."""
        with self._lock:
            self._watched = {}
            thread = self._thread
        self._wake.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(EXIT_WAIT)

    def before_fork(self) -> None:
        """Nothing may be half done in a child, and faulthandler's timer would be its undoing."""
        self._lock.acquire()
        self._gil.disarm()

    def after_fork_in_parent(self) -> None:
        """This process has forked another."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """This process was just forked: the thread, and what it watches, are the parent's."""
        # What a meter or a watch holds on to must not be finalized here.
        _INHERITED.append(self._watched)
        self._clear()


_INHERITED: Final[list[object]] = []
"""What this process has of its parent's watchdog; kept for ever."""

WATCHDOG: Final = Watchdog()
"""This process's."""

atexit.register(WATCHDOG.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=WATCHDOG.before_fork,
        after_in_parent=WATCHDOG.after_fork_in_parent,
        after_in_child=WATCHDOG.after_fork_in_child,
    )
