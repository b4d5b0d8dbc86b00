"""The one thing that sees who holds the GIL while it is held: faulthandler's timer.

Its thread is C's and needs no GIL. There is one such timer per process, and it has its dangers, so
that it is used only where the environment asks for it, with ``LONGWIRE_FAULTHANDLER=1``:

- Whoever sets it takes it from whoever had set it before, in silence.
- It writes down the stacks of threads that may be running, and can crash the process then. Where
  the GIL is held they do not run; where the process was stopped and goes on, they do.
- A child that is forked while it is set hangs when it ends.

The first is avoided where it can be seen: on Linux, by its thread. The last is avoided by taking it
back before a fork; see `longwire.observe.watchdog`.
"""

from __future__ import annotations

import faulthandler
import os
import re
import signal
import tempfile
import time
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from longwire.observe.stack import Frame, is_loop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import IO

SWITCH: Final = "LONGWIRE_FAULTHANDLER"
"""The environment variable that asks for it."""

READ_MAX: Final = 256 * 1024
"""Bytes of a dump that are read. It holds at most a hundred threads of a hundred calls each."""

_THREADS: Final = Path("/proc/self/task")

_HEAD: Final = re.compile(r"(?:Current t|T)hread 0x([0-9a-f]+)")

_CALL: Final = re.compile(r'  File "(.*)", line (\d+|\?\?\?) in (.*)')

_ALL: Final = 0xFFFF_FFFF_FFFF_FFFF

_NEVER_BLOCKED: Final = 1 << 8 | 1 << 18 | 7 << 31
"""SIGKILL and SIGSTOP, and the first real-time signals, which C libraries keep for themselves."""


def wanted() -> bool:
    """Whether the environment asks for it."""
    return os.environ.get(SWITCH, "") not in {"", "0"}


class DumpTimer:
    """Has the stacks of all threads written down if it is not set anew in time.

    It gives way: if somebody else uses faulthandler's timer, or takes it, it is not touched again.
    All methods are called under one lock of the owner's.

    Args:
        seconds: After how long the stacks are written down.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._file: IO[bytes] | None = None
        self._mine: str | None = None
        self._given_up = False

    @property
    def armed(self) -> bool:
        """Whether it is set, as far as is known."""
        return self._mine is not None

    def arm(self) -> None:
        """Set it, or set it anew, unless somebody else has it."""
        if self._given_up or self._taken():
            self._given_up = True
            self._mine = None
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        before = _silent_threads()
        # A thread begins with the signal mask of who starts it, so this one is known at once.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            faulthandler.dump_traceback_later(self._seconds, file=self._file)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self._mine = next(iter(_silent_threads() - before), "")

    def _taken(self) -> bool:
        """Whether somebody else has the timer. Where threads cannot be seen, nobody has."""
        if not _THREADS.exists():
            return False
        if self._mine is None:
            return bool(_silent_threads())
        # Ours is gone although it has not fired: another one was set, or it was taken back.
        return not (_THREADS / self._mine).exists() and not self._written()

    def disarm(self) -> None:
        """Take it back, if it is ours."""
        if self._mine is not None and not self._taken():
            faulthandler.cancel_dump_traceback_later()
        self._mine = None

    def close(self) -> None:
        """Take it back and forget about it."""
        self.disarm()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _written(self) -> bool:
        return self._file is not None and os.fstat(self._file.fileno()).st_size > 0

    def take(self) -> tuple[float, Mapping[int, tuple[Frame, ...]]] | None:
        """What was written down, and how many seconds ago; None if nothing was. Given once."""
        if self._file is None or not self._written():
            return None
        written = os.fstat(self._file.fileno())
        text = os.pread(self._file.fileno(), READ_MAX, 0)
        self._file.seek(0)
        self._file.truncate()
        # It has fired, and its thread is gone.
        self._mine = None
        return time.time() - written.st_mtime, parse(text.decode(errors="replace").splitlines())


def _silent_threads() -> set[str]:
    """Threads of this process that take no signal whatever, as faulthandler's. Linux only."""
    if not _THREADS.exists():
        return set()
    return {thread.name for thread in _THREADS.iterdir() if _is_silent(thread)}


def _is_silent(thread: Path) -> bool:
    try:
        status = (thread / "status").read_text()
    except OSError:
        # It has just ended.
        return False
    found = re.search(r"^SigBlk:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return found is not None and int(found[1], 16) | _NEVER_BLOCKED == _ALL


def parse(lines: Iterable[str]) -> dict[int, tuple[Frame, ...]]:
    """The stacks in a dump of faulthandler's by the identifiers of threads, innermost call first.

    Each goes up to the event loop that runs it, as `longwire.observe.stack.sample` has it.
    """
    found: dict[int, list[Frame]] = {}
    frames: list[Frame] = []
    for line in lines:
        head = _HEAD.match(line)
        call = _CALL.match(line)
        if head is not None:
            frames = found.setdefault(int(head[1], 16), [])
        elif call is not None:
            number = 0 if call[2] == "???" else int(call[2])
            frames.append(Frame(call[1], number, call[3]))
    return {thread: tuple(takewhile(_is_called, stack)) for thread, stack in found.items()}


def _is_called(frame: Frame) -> bool:
    return not is_loop(frame)
