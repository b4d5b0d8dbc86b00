"""faulthandler's timer: used if asked for, never taken from anybody. In programs of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from longwire.observe import dump
from longwire.observe.dump import parse, wanted
from longwire.observe.stack import Frame

PATIENCE = 15.0

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux shows whether somebody else uses the timer"
)

DUMP = """Timeout (0:00:01)!
Thread 0x00007f6c1d7fb6c0 (most recent call first):
  File "/usr/lib/python3.11/selectors.py", line 468 in select
  File "/usr/lib/python3.11/asyncio/base_events.py", line 1884 in _run_once
  File "/usr/lib/python3.11/asyncio/base_events.py", line 607 in run_forever

Current thread 0x00007f6c1e0a8740 [main] (most recent call first):
  File "/home/me/a "quoted" name.py", line ??? in parse
  File "/home/me/feed.py", line 20 in handle
  File "/usr/lib/python3.11/asyncio/events.py", line 80 in _run
  File "/home/me/feed.py", line 99 in <module>
Extension modules: msgspec._core (total: 1)
"""


def test_a_dump_is_read() -> None:
    """Thread by thread, up to the loop; whatever else is in it is passed over."""
    assert parse(DUMP.splitlines()) == {
        0x7F6C1D7FB6C0: (Frame("/usr/lib/python3.11/selectors.py", 468, "select"),),
        0x7F6C1E0A8740: (
            Frame('/home/me/a "quoted" name.py', 0, "parse"),
            Frame("/home/me/feed.py", 20, "handle"),
        ),
    }
    assert parse(["", "no dump at all", '  File "x", line 1 in f']) == {}


@pytest.mark.parametrize(
    ("value", "asked"), [(None, False), ("", False), ("0", False), ("1", True)]
)
def test_it_must_be_asked_for(
    value: str | None, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can crash a process, so the environment has to say so."""
    monkeypatch.delenv(dump.SWITCH, raising=False)
    if value is not None:
        monkeypatch.setenv(dump.SWITCH, value)
    assert wanted() is asked


PREFACE = """
import ctypes, faulthandler, os, sys, tempfile, threading, time
from longwire.observe.dump import DumpTimer

def hold_the_gil(seconds):
    ctypes.PyDLL(None).usleep(int(seconds * 1e6))

def wait_for(true):
    until = time.monotonic() + 10
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()

def size(file):
    return os.fstat(file.fileno()).st_size

def gone(timer):
    # A thread that has ended is listed a little longer.
    return not os.path.exists(f"/proc/self/task/{timer._mine}")
"""


def run(body: str) -> list[str]:
    """Run a program. It must not complain."""
    done = subprocess.run(
        [sys.executable, "-c", PREFACE + textwrap.dedent(body)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a C library that is in the process")
def test_it_sees_who_holds_the_gil() -> None:
    """Twice in a row; what was taken is gone, and setting it anew in time writes nothing."""
    assert run(
        """
        timer = DumpTimer(0.2)
        for _ in range(2):
            timer.arm()
            hold_the_gil(0.8)
            age, stacks = timer.take()
            print(age > 0.2, stacks[threading.get_ident()][0].function)
            print(timer.take())
        timer.close()
        timer = DumpTimer(60.0)
        for _ in range(3):
            timer.arm()
        print(timer.armed, timer.take())
        timer.close()
        print(timer.armed)
        """
    ) == [*["True hold_the_gil", "None"] * 2, "True None", "False"]


@linux
def test_it_gives_way_to_who_was_there_before() -> None:
    """The user's own timer stays set, and fires."""
    assert run(
        """
        theirs = tempfile.TemporaryFile()
        faulthandler.dump_traceback_later(0.5, file=theirs)
        timer = DumpTimer(60.0)
        timer.arm()
        print(timer.armed)
        timer.close()
        print(wait_for(lambda: size(theirs) > 0))
        """
    ) == ["False", "True"]


@linux
def test_it_gives_way_to_who_comes_later() -> None:
    """Who sets the timer while it is ours keeps it; it is neither set nor taken back again."""
    assert run(
        """
        theirs = tempfile.TemporaryFile()
        timer = DumpTimer(60.0)
        timer.arm()
        faulthandler.dump_traceback_later(1.0, file=theirs)
        wait_for(lambda: gone(timer))
        timer.arm()
        print(timer.armed)
        timer.disarm()
        timer.close()
        print(wait_for(lambda: size(theirs) > 0))
        """
    ) == ["False", "True"]


@linux
def test_it_gives_way_to_who_takes_it_back() -> None:
    """Who cancels the timer wants none."""
    assert run(
        """
        timer = DumpTimer(60.0)
        timer.arm()
        faulthandler.cancel_dump_traceback_later()
        wait_for(lambda: gone(timer))
        timer.arm()
        print(timer.armed)
        timer.close()
        """
    ) == ["False"]


@linux
def test_a_fork_while_it_is_not_set() -> None:
    """What is taken back before a fork lets the child end."""
    assert run(
        """
        timer = DumpTimer(60.0)
        timer.arm()
        timer.disarm()
        child = os.fork()
        if child == 0:
            sys.exit(3)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status))
        timer.arm()
        print(timer.armed)
        timer.close()
        """
    ) == ["3", "True"]
