"""The I/O thread: where the links of isolated clients live, whatever the user's code does.

There is one per process, a daemon thread with an event loop of its own (uvloop's where it is
installed, asyncio's else). The first `acquire` starts it, all leases share it, and it ends when the
last lease has been returned and a grace time has passed, so that a program that opens clients one
after the other does not start a thread for each.

The leases that a forked child inherited are void: it takes its own with its next `acquire`, and a
future that was pending at the fork never completes in it. At the interpreter's end all leases
become void, and their tasks are cancelled.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from longwire.client.iothread import PROCESS
from longwire.errors import LongwireError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

T = TypeVar("T")

GRACE = 1.0
"""Seconds that the thread outlives the last lease, unless `acquire` was told otherwise."""


class LeaseEnded(LongwireError):
    """The lease was returned, or is void: after a fork, or at the interpreter's end."""

    blame = "local"

    def __init__(self) -> None:
        super().__init__(
            "the lease of the I/O thread has ended",
            hint="make a new client: one that was closed, or that was made before a fork, has none",
        )


class IoThread:
    """A lease of the process's I/O thread, and the owner of every task it submits.

    Made by `acquire`. Return it with `release` when all is done, with `finish`, which lets what
    still runs come to its end, or with `aclose`, which cancels and awaits it. ``with`` calls
    `release`, ``async with`` calls `aclose`. All methods may be called from any thread.

    Args:
        grace: Seconds that the thread outlives this lease, if it is the last to be returned.
        name: Of a thread for this lease alone; None: the one that is shared.
    """

    def __init__(self, grace: float, name: str | None = None) -> None:
        self._grace = grace
        self._lock = threading.Lock()
        self._released = False
        self._jobs: set[_Job[Any]] = set()
        self._returned: Future[None] = Future()
        self._engine = PROCESS.engine_for(self, name)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The thread's event loop. Closed once the thread has ended."""
        return self._engine.loop

    @property
    def ident(self) -> int | None:
        """The thread's identifier, as in `threading.get_ident`."""
        return self._engine.thread.ident

    @property
    def name(self) -> str:
        """The thread's name."""
        return self._engine.thread.name

    @property
    def inherited(self) -> bool:
        """Whether this process was forked from the one that acquired it. Nothing works then."""
        return self._engine.inherited

    @property
    def released(self) -> bool:
        """Whether it was returned, or is void."""
        return self._released or self._engine.inherited

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the I/O thread, as a task of this lease.

        Cancelling the future cancels the task. The future's callbacks run on the I/O thread when
        the task has ended, so that the last one may call `release`. What the task raises is in the
        future and nowhere else.

        Raises:
            LeaseEnded: the lease was returned or is void; the coroutine is closed.
        """
        job: _Job[T] | None = None
        try:
            if not self._engine.inherited:
                with self._lock:
                    if not self._released:
                        job = _Job(coroutine, self._forget)
                        self._jobs.add(job)
                        self._engine.loop.call_soon_threadsafe(job.start)
                        return job.future
            raise LeaseEnded  # noqa: TRY301 - the coroutine is closed below
        except BaseException:
            if job is None or job not in self._jobs:
                coroutine.close()
            else:
                # A signal: nobody will hold the future. A second start does nothing.
                job.future.cancel()
                self._engine.loop.call_soon_threadsafe(job.start)
            raise

    def release(self) -> None:
        """Return the lease when its work is done. Safe to repeat; nothing to do where it is void.

        Tasks that still run are a mistake of the caller. They are cancelled, the thread lives until
        they have ended, and the mistake is raised.

        Raises:
            RuntimeError: tasks were still running; the text names them.
        """
        left = self._return()
        if left:
            names = ", ".join(sorted(job.name for job in left))
            raise RuntimeError(f"the I/O thread's lease was returned with tasks running: {names}")

    def finish(self) -> Future[None]:
        """Return the lease as soon as the tasks that run have ended by themselves. Safe to repeat.

        Returns:
            Done when the last task has ended and its future is settled. Its callbacks run where
            that happens, on the I/O thread as a rule.
        """
        self._return(cancel=False)
        return self._returned

    async def aclose(self) -> None:
        """Cancel and await every task that still runs, and return the lease. Safe to repeat.

        Cancelling it keeps neither the tasks from ending nor the lease from being returned.
        """
        self._return()
        if not self._engine.inherited:
            await asyncio.shield(asyncio.wrap_future(self._returned))

    def void(self) -> None:
        """The thread ends with the interpreter: let nobody wait for it. On the I/O thread."""
        with self._lock:
            self._released = True
            left = list(self._jobs)
        for job in left:
            job.give_up()

    def _return(self, *, cancel: bool = True) -> list[_Job[Any]]:
        """End the lease for new work, and the old if told so; answers what was still running."""
        if self._engine.inherited:
            # The I/O thread may have held the lock at the fork: nobody would open it again.
            return []
        with self._lock:
            if self._released:
                return []
            self._released = True
            # Those that are over are settling their futures: the last one gives the lease back.
            left = [job for job in self._jobs if not job.over]
            idle = not self._jobs
            if left and cancel:
                self._engine.loop.call_soon_threadsafe(_cancel, left)
        if idle:
            self._give_back()
        return left

    def _forget(self, job: _Job[Any]) -> None:
        """A job is settled; with its last one a returned lease is given back. On the I/O thread."""
        with self._lock:
            self._jobs.discard(job)
            last = self._released and not self._jobs
        if last:
            self._give_back()

    def _give_back(self) -> None:
        self._engine.give_back(self, self._grace)
        self._returned.set_result(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.release()
        else:
            # The body's own failure says more than that it left its tasks behind.
            self._return()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def acquire(*, grace: float | None = None, name: str | None = None) -> IoThread:
    """Take a lease of the process's I/O thread, and start the thread if there is none.

    May be called from any thread. It waits for nothing but a new thread's first step.

    Args:
        grace: Seconds that the thread outlives this lease, if it is the last to be returned. None:
            `GRACE`.
        name: Of a thread for this lease alone, with the same loop, and the same end with the
            interpreter; None: the one that is shared.

    Raises:
        ValueError: ``grace`` is negative.
        RuntimeError: the interpreter is about to end, or the system has no thread to give.
        OSError: the system has no file descriptors to give.
    """
    seconds = GRACE if grace is None else grace
    if not seconds >= 0:
        raise ValueError("grace must not be negative")
    return IoThread(seconds, name)


io_thread = acquire
"""The same, for who reads better: ``with io_thread() as io:``."""


class _Job(Generic[T]):
    """One submitted coroutine: the task on the I/O loop, and the future that others hold."""

    def __init__(
        self, coroutine: Coroutine[Any, Any, T], forget: Callable[[_Job[T]], None]
    ) -> None:
        self.future: Future[T] = Future()
        self.name = getattr(coroutine, "__qualname__", repr(coroutine))
        self._coroutine = coroutine
        self._forget = forget
        self._task: asyncio.Task[T] | None = None
        self.over = False

    def start(self) -> None:
        """Make the task. On the I/O thread, as all that follows."""
        if self.over or self._task is not None:
            return
        if self.future.cancelled():
            self.give_up()
            return
        self._task = asyncio.get_running_loop().create_task(self._coroutine, name=self.name)
        self._task.add_done_callback(self._finish)
        self.future.add_done_callback(self._on_future_done)

    def cancel(self) -> None:
        """End it early."""
        if self._task is not None:
            self._task.cancel()

    def give_up(self) -> None:
        """It will not be started, or its end not be awaited."""
        self.over = True
        if self._task is None:
            self._coroutine.close()
        if self.future.cancel():
            self.future.set_running_or_notify_cancel()
        self._forget(self)

    def _on_future_done(self, future: Future[T]) -> None:
        """Whoever holds the future may have cancelled it, in any thread."""
        task = self._task
        if future.cancelled() and task is not None and not task.done():
            try:
                task.get_loop().call_soon_threadsafe(task.cancel)
            except RuntimeError:
                # The loop is closed: the interpreter ends, and the task with it.
                return

    def _finish(self, task: asyncio.Task[T]) -> None:
        if self.over:
            return
        # First, for the future's callbacks may return the lease.
        self.over = True
        try:
            self._settle(task)
        finally:
            self._forget(self)

    def _settle(self, task: asyncio.Task[T]) -> None:
        """Hand the outcome over."""
        if task.cancelled():
            self.future.cancel()
        if not self.future.set_running_or_notify_cancel():
            # If it failed after it was cancelled, asyncio reports that when the task goes.
            return
        error = task.exception()
        if error is None:
            self.future.set_result(task.result())
        else:
            self.future.set_exception(error)


def _cancel(jobs: list[_Job[Any]]) -> None:
    # Those submitted just before have been started by now: the loop keeps the order.
    for job in jobs:
        job.cancel()
