"""Which processor runs what while round trips are measured, and whether it may fall asleep.

Without a fixed place both ends share a core in some runs and not in others, and the round trip
differs by a factor of four. So the peer gets the first core and the client all the others. On a
virtual machine, waking a sleeping core costs more than everything that a client does, so round
trips are measured twice: with cores that sleep whenever there is nothing to do, and with cores kept
awake, which shows the clients' own share.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def pin(side: str) -> None:
    """Put this process where its side belongs, ``peer`` or ``client``, where that can be done."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[:1] if side == "peer" else cores[1:])


def waited_for_a_core() -> float:
    """Seconds that this process's threads were ready to run and had no core; 0 where untold."""
    waited = 0
    for told in Path("/proc/self/task").glob("*/schedstat"):
        waited += int(told.read_text().split()[1])  # in nanoseconds
    return waited / 1e9


@contextmanager
def kept_awake() -> Iterator[None]:
    """One process per core that runs only when nothing else wants to, until the block ends."""
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "benchmarks.spinner"],
                    stdin=subprocess.PIPE,
                    cwd=Path(__file__).resolve().parent.parent,
                )
            )
        yield  # leaving closes each one's standard input, which is its sign to end
