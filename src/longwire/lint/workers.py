"""Checks many sources, on all cores where that pays."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Final

from longwire.lint.check import Checked, Defect, Task, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.context import BaseContext

_CHUNK: Final = 150_000
"""Bytes of source that a worker is given at once: some 50 ms of work."""
PAYS_FROM: Final = 1_000_000
"""Bytes of source from which on other processes are worth what starting them costs."""
_RARELY: Final = (50_000, 20, 20)


def cores() -> int:
    """How many there are for us."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def check_all(tasks: Sequence[Task], jobs: int | None = None) -> list[Checked]:
    """What is known of each source, in their order.

    Args:
        tasks: The sources.
        jobs: How many processes check at once; None: as many as there are cores, if there is
            enough to do, and this process has no threads, which others are not to be made beside.

    Raises:
        KeyboardInterrupt: the user wants no more of it; no process is left behind.
    """
    if jobs is None:
        enough = sum(len(one.source) for one in tasks) >= PAYS_FROM
        jobs = cores() if enough and threading.active_count() == 1 else 1
    chunks = list(_chunks(tasks))
    jobs = min(jobs, len(chunks))
    if jobs <= 1:
        with _seldom_collecting():
            return [check(one) for one in tasks]
    return [one for results in _in_processes(chunks, jobs) for one in results]


def _chunks(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    chunk: list[Task] = []
    size = 0
    for task in tasks:
        chunk.append(task)
        size += len(task.source)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _in_processes(chunks: Sequence[list[Task]], jobs: int) -> Iterator[list[Checked]]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - slow to import, often idle
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - likewise

    pool = ProcessPoolExecutor(jobs, mp_context=_context(), initializer=_begin)
    futures: list[Future[list[Checked]]] = []
    done = 0
    try:
        futures += (pool.submit(_check_chunk, chunk) for chunk in chunks)
        for future in futures:
            yield future.result()
            done += 1
    except BrokenProcessPool as error:
        pool.shutdown()
        # When a process dies, its pool gives up what the others were at as well.
        for chunk in chunks[done:]:
            yield _check_again(chunk, jobs, error)
    except BaseException:
        _end(pool)
        raise
    else:
        pool.shutdown()


def _check_again(chunk: list[Task], jobs: int, error: Exception) -> list[Checked]:
    """What a process that died had before it: in others, and in halves, down to one file."""
    if len(chunk) == 1 and jobs == 1:
        return [_lost(error)]
    half = (len(chunk) + 1) // 2
    parts = [chunk] if jobs > 1 else [chunk[:half], chunk[half:]]
    return [one for part in parts for results in _in_processes([part], 1) for one in results]


def _context() -> BaseContext:
    import multiprocessing  # noqa: PLC0415 - see above

    # A copy of this process starts at once, but may hold locks of threads that are not in the copy.
    may_fork = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if may_fork else "spawn")


def _begin() -> None:
    # Ctrl-C reaches all processes of a terminal. A worker has nothing to tidy up, or to say.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(*_RARELY)


def _check_chunk(chunk: list[Task]) -> list[Checked]:
    return [check(one) for one in chunk]


def _lost(error: Exception) -> Checked:
    text = f"the process that checked it has died: {error}"
    return Checked(defects=(Defect("", "", text, ""),))


def _end(pool: ProcessPoolExecutor) -> None:
    """Leave no process behind, nor wait for what it is at."""
    # Futures that are cancelled from here break the pool's own thread: it would never end.
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()
    pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Collect garbage less often: a syntax tree is many objects that live for a moment."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
