"""Things that stand still on purpose: another process, or the event loop that calls."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

How = Literal["sleep", "spin", "gil"]
"""``sleep``: as ``requests.get`` would, the GIL is free. ``spin``: as a computation would, the GIL
is fought for. ``gil``: as C code does that does not let go of it; nothing of Python runs."""


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process inside (SIGSTOP), and let it go on at every end (SIGCONT).

    Its connections stay open, and the kernel goes on accepting new ones and bytes for it: what a
    garbage collection does, a swapping machine, a virtual machine that is moved. Not on Windows.

    Raises:
        ProcessLookupError: there is no such process; at the end, none is needed.
        PermissionError: it is somebody else's.
    """
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def block_loop(seconds: float, how: How = "sleep") -> None:
    """Block the thread that calls, and with it its event loop, in one of the usual ways.

    Args:
        seconds: How long.
        how: See `How`. ``gil`` not on Windows: it needs a C library that is in the process.
    """
    _WAYS[how](seconds)


def _spin(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        sum(range(1_000))


def _hold_the_gil(seconds: float) -> None:
    # PyDLL calls without letting go of the GIL.
    ctypes.PyDLL(None).usleep(ctypes.c_uint(int(seconds * 1e6)))


_WAYS: Final[Mapping[How, Callable[[float], object]]] = {
    "sleep": time.sleep,
    "spin": _spin,
    "gil": _hold_the_gil,
}
