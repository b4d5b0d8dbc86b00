"""Whether the GIL was held: judged from what the process did meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from longwire.observe import gil
from longwire.observe.gil import LATE, GilWatch, Late
from longwire.observe.stack import Frame

MINE = (Frame("/home/me/feed.py", 12, "parse"),)
IDLE: tuple[Frame, ...] = ()


@pytest.fixture
def cpu(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The processor time of the process, moved by hand."""
    used = {"now": 5.0}
    monkeypatch.setattr(time, "process_time", lambda: used["now"])
    return used


def test_in_time_nothing_is_known(cpu: dict[str, float]) -> None:
    """Who is not late, or hardly, has been kept by nobody."""
    watch = GilWatch()
    now = time.monotonic()
    assert watch.look(now, now - LATE / 2) is None


@pytest.mark.parametrize(("used", "verdict"), [(2.9, "sure"), (0.1, "likely")])
def test_a_process_that_computed(cpu: dict[str, float], used: float, verdict: str) -> None:
    """Who computed all the while held the GIL; who did not may have been stopped."""
    watch = GilWatch()
    now = time.monotonic()
    watch.look(now, now)
    cpu["now"] += used
    late = watch.look(now + 3.0, now + 0.25)
    assert late is not None
    assert (late.seconds, late.gil) == (pytest.approx(2.75), verdict)


def test_a_dump_is_proof(cpu: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Something ran while nothing of ours could; what it wrote just now proves nothing."""
    monkeypatch.setenv("LONGWIRE_FAULTHANDLER", "1")

    class Dump:
        age = 2.0

        def __init__(self, seconds: float) -> None:
            self.armed = 0

        def arm(self) -> None:
            self.armed += 1

        def take(self) -> Any:
            return self.age, {7: MINE}

        def disarm(self) -> None:
            self.armed = 0

        close = disarm

    monkeypatch.setattr(gil, "DumpTimer", Dump)
    watch = GilWatch()
    now = time.monotonic()
    watch.look(now, now)
    late = watch.look(now + 3.0, now + 0.25)
    assert late is not None
    assert (late.gil, late.stacks) == ("sure", {7: MINE})
    Dump.age = 0.01
    late = watch.look(now + 6.0, now + 3.25)
    assert late is not None
    assert (late.gil, late.stacks) == ("likely", None)
    watch.disarm()
    watch.close()


async def test_what_it_says_of_a_loop() -> None:
    """The loop's own thread, if it was in the midst of something; else another, if it is sure."""
    loop = asyncio.get_running_loop()
    me = threading.get_ident()
    own = Late(seconds=3.0, gil="likely", stacks={me: MINE}).about(me, loop)
    assert own is not None
    assert own.seen[0].frames == MINE
    # Seen just now, and by another thread: this one is in the midst of something.
    found: list[Any] = []

    def look() -> None:
        until = time.monotonic() + 10
        kept = None
        # At first it is still busy with starting this thread.
        while kept is None and time.monotonic() < until:
            kept = Late(seconds=3.0, gil="likely").about(me, loop)
        found.append(kept)

    thread = threading.Thread(target=look)
    thread.start()
    while not found:
        pass
    thread.join()
    assert found[0] is not None
    assert found[0].seen == ()
    assert Late(seconds=3.0, gil="likely").about(me, loop) is None
    assert Late(seconds=3.0, gil="likely", stacks={me: IDLE}).about(me, loop) is None
    assert Late(seconds=3.0, gil="sure", stacks={me: IDLE}).about(me, loop) is None


async def test_another_thread_that_held_it() -> None:
    """A loop with nothing to do did not run because of a thread that had."""
    inside, over = threading.Event(), threading.Event()

    def run() -> None:
        inside.set()
        over.wait()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert thread.ident is not None
        await asyncio.to_thread(inside.wait)
        me = threading.get_ident()
        stacks = {me: IDLE, thread.ident: MINE}
        loop = asyncio.get_running_loop()
        kept = Late(seconds=3.0, gil="sure", stacks=stacks).about(me, loop)
        assert kept is not None
        assert kept.seen[0].frames == MINE
        assert Late(seconds=3.0, gil="likely", stacks=stacks).about(me, loop) is None
    finally:
        over.set()
        thread.join()
