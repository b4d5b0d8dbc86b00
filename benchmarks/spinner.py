"""Keeps one core from sleeping, at the lowest priority there is, until standard input ends."""

from __future__ import annotations

import os
import sys
import threading


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Spin."""
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    while True:
        pass


if __name__ == "__main__":
    main()
