"""The threads behind `longwire.client.isolation`: their loops, their beginnings and their ends.

Fork: a forked child has no I/O thread, and what it inherited of the parent's stays frozen in memory
for the rest of its life: running a single ``finally`` of an inherited task could write to a socket,
or take one out of an epoll set, that it shares with its parent.

Exit: an interpreter that ends while leases are held cancels their tasks, and waits for the thread
no longer than `EXIT_WAIT`.
"""

from __future__ import annotations

import asyncio
import atexit

# Every loop imports it sooner or later, and it has hooks for forks: if that happened in one thread
# while another forks, Python would call the hook after the fork without the one before it.
import concurrent.futures.thread  # noqa: F401
import os
import threading
from typing import Final, Protocol

import msgspec

from longwire.link.transport import new_io_loop
from longwire.observe import logbook

EXIT_WAIT: Final = 2.0
"""Seconds that an interpreter at its end waits for the thread; its tasks have half of that."""

THREAD_NAME: Final = "longwire-io"


class Lease(Protocol):
    """What an engine knows of those who use it."""

    def void(self) -> None:
        """The thread ends with the interpreter. Called on the I/O thread."""


class Engine:
    """The I/O thread, or one for a single lease; its loop, and who has a lease of it."""

    def __init__(self, process: Process, name: str) -> None:
        self.loop = new_io_loop()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.leases: set[Lease] = set()
        self.inherited = False
        """Whether this process was forked from the one whose thread it is."""
        self._process = process
        self._ending = False
        self._grace_timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start the thread; its loop takes work from now on."""
        try:
            self.thread.start()
        except RuntimeError:
            self.loop.close()
            raise

    def give_back(self, lease: Lease, grace: float) -> None:
        """A lease was returned. After the last one the thread goes on for ``grace`` seconds."""
        with self._process.lock:
            self.leases.discard(lease)
            idle = not self.leases
        if idle:
            try:
                self.loop.call_soon_threadsafe(self._begin_grace, grace)
            except RuntimeError:
                # It has ended already: another lease came and went meanwhile, or the interpreter.
                return

    def stop(self) -> None:
        """End the thread with the interpreter, and wait for it as long as that may take."""
        try:
            self.loop.call_soon_threadsafe(self._end)
        except RuntimeError:
            # It has just ended by itself.
            return
        self.thread.join(EXIT_WAIT)
        if self.thread.is_alive():
            logbook.write("thread-stuck", EXIT_WAIT)

    # -- on the I/O thread --------------------------------------------------------------------

    def _begin_grace(self, grace: float) -> None:
        if self._grace_timer is not None:
            self._grace_timer.cancel()
        self._grace_timer = self.loop.call_later(grace, self._expire)

    def _expire(self) -> None:
        if self._process.retire(self):
            self._end()

    def _end(self) -> None:
        self._ending = True
        self.loop.stop()

    def _run(self) -> None:
        try:
            while not self._ending:
                try:
                    self.loop.run_forever()
                except (SystemExit, KeyboardInterrupt) as error:
                    # One task's or callback's, told through its future: not the end of all others.
                    logbook.write("exit-in-vain", error=error)
            self.loop.run_until_complete(self._wind_down())
        finally:
            self.loop.close()
            self._process.forget(self)

    async def _wind_down(self) -> None:
        """End every task. Bounded, for the interpreter may be waiting."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=EXIT_WAIT / 2)
        for lease in list(self.leases):
            lease.void()
        await self.loop.shutdown_asyncgens()
        if not self._process.exiting:
            # At the interpreter's end it is shut down already, and no thread may start any more.
            await self.loop.shutdown_default_executor()


class Process:
    """What there is once per process: the engine, and the lock over who leases it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.exiting = False
        self._current: Engine | None = None
        self._engines: set[Engine] = set()

    def engine_for(self, lease: Lease, name: str | None = None) -> Engine:
        """The engine that runs, or a new one; the lease counts from now on.

        Args:
            lease: Who leases it.
            name: Of a thread for this lease alone; None: the one that is shared.

        Raises:
            RuntimeError: the interpreter is about to end, or the system has no thread to give.
            OSError: the system has no file descriptors to give.
        """
        with self.lock:
            if self.exiting:
                raise RuntimeError("the interpreter is about to end: no new I/O thread")
            engine = self._current if name is None else None
            if engine is None:
                engine = Engine(self, name or THREAD_NAME)
                engine.start()
                if name is None:
                    self._current = engine
                self._engines.add(engine)
            engine.leases.add(lease)
            return engine

    def retire(self, engine: Engine) -> bool:
        """Give out no more leases of an engine; False if somebody has one."""
        with self.lock:
            if engine.leases:
                return False
            if self._current is engine:
                self._current = None
            return True

    def forget(self, engine: Engine) -> None:
        """An engine's thread is about to end."""
        with self.lock:
            self._engines.discard(engine)
            if self._current is engine:
                self._current = None

    def stop(self) -> None:
        """The interpreter ends."""
        with self.lock:
            self.exiting = True
            engines = list(self._engines)
        for engine in engines:
            engine.stop()

    def before_fork(self) -> None:
        """No engine may be half made in a child: another thread could be importing uvloop."""
        self.lock.acquire()

    def after_fork_in_parent(self) -> None:
        """This process has forked another."""
        self.lock.release()

    def after_fork_in_child(self) -> None:
        """This process was just forked: it has none of its parent's threads."""
        engines = list(self._engines)
        self.lock = threading.RLock()
        self._current = None
        self._engines = set()
        for engine in engines:
            engine.inherited = True
        if engines:
            freeze([(engine, asyncio.all_tasks(engine.loop)) for engine in engines])


class _Frozen(msgspec.Struct, gc=False):
    held: object
    itself: object = None


def freeze(held: object) -> None:
    """Keep an object and all it refers to alive for ever, beyond the end of the interpreter.

    What holds it refers to itself, and the garbage collector does not look at it.
    """
    frozen = _Frozen(held)
    frozen.itself = frozen


PROCESS: Final = Process()
"""This process."""

atexit.register(PROCESS.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=PROCESS.before_fork,
        after_in_parent=PROCESS.after_fork_in_parent,
        after_in_child=PROCESS.after_fork_in_child,
    )
