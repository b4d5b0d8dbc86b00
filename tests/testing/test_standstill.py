"""What stands still on purpose."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from longwire.testing import block_loop, frozen

no_signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not stop processes")
has_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="the state of a process is read from /proc"
)


def state_of(pid: int) -> str:
    """What the kernel says of a process: ``T`` is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@no_signals
@has_proc
def test_a_process_is_stopped_inside_only() -> None:
    """It goes on behind it, after an error too."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        try:
            with contextlib.suppress(ZeroDivisionError), frozen(process.pid):
                while state_of(process.pid) != "T":
                    time.sleep(0)
                raise ZeroDivisionError
            while state_of(process.pid) == "T":
                time.sleep(0)
        finally:
            process.kill()


@no_signals
def test_a_process_may_end_meanwhile() -> None:
    """Then there is nothing to go on."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        with frozen(process.pid):
            process.kill()
            process.wait()


@no_signals
def test_a_process_that_is_not_there() -> None:
    """Is an error."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    with pytest.raises(ProcessLookupError):
        with frozen(process.pid):
            pass


@pytest.mark.parametrize("how", ["sleep", "spin"])
def test_the_thread_is_blocked_for_so_long(how: str) -> None:
    """And not less."""
    began = time.perf_counter()
    block_loop(0.05, how)  # type: ignore[arg-type]  # parametrised
    assert time.perf_counter() - began >= 0.05


@pytest.mark.skipif(sys.platform == "win32", reason="needs a C library that is in the process")
def test_held_gil_stops_every_thread() -> None:
    """No other thread gets a turn, however long it lasts."""
    longest = 0.0
    begun = threading.Event()
    go_on = True

    def work() -> None:
        nonlocal longest
        last = time.perf_counter()
        while go_on:
            now = time.perf_counter()
            longest = max(longest, now - last)
            last = now
            begun.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        begun.wait()
        block_loop(0.5, "gil")
    finally:
        go_on = False
        thread.join()
    assert longest >= 0.5
