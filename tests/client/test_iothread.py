"""The engine behind the I/O thread, and what a process knows of it; forks and exits included.

What clients make of it is shown in test_isolation.py, whole processes in test_isolation_process.py.
"""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from longwire.client import iothread
from longwire.client.iothread import PROCESS, Engine, Process, freeze

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

PATIENCE = 10.0


class Holder:
    """Holds a lease, and remembers that it became void."""

    def __init__(self) -> None:
        self.voided_on: int | None = None

    def void(self) -> None:
        self.voided_on = threading.get_ident()


@pytest.fixture
def process() -> Iterator[Process]:
    """A process of the test's own, at its end when the test is."""
    made = Process()
    yield made
    made.stop()


def test_one_engine_for_all(process: Process) -> None:
    """It runs as long as anybody has a lease, and is gone after the last one's grace."""
    first, second = Holder(), Holder()
    engine = process.engine_for(first)
    assert process.engine_for(second) is engine
    assert engine.leases == {first, second}
    assert engine.thread.daemon
    assert engine.loop.is_running()
    engine.give_back(first, 0)
    assert not process.retire(engine), "the second has it still"
    engine.give_back(second, 0)
    engine.thread.join(PATIENCE)
    assert not engine.thread.is_alive()
    assert engine.loop.is_closed()
    assert (first.voided_on, second.voided_on) == (None, None)
    assert process.engine_for(first) is not engine


def test_who_comes_within_the_grace_finds_it(process: Process) -> None:
    """And its end is put off until the newcomer has gone."""
    early, late = Holder(), Holder()
    engine = process.engine_for(early)
    engine.give_back(early, 3600)
    assert process.engine_for(late) is engine
    engine.give_back(late, 0)
    engine.thread.join(PATIENCE)
    assert not engine.thread.is_alive()


def test_the_end_of_the_interpreter_is_the_end_of_all_leases(process: Process) -> None:
    """They are void, told so on the I/O thread, its tasks are cancelled; nobody gets another."""
    holder, ended = Holder(), threading.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    engine = process.engine_for(holder)
    running = asyncio.run_coroutine_threadsafe(started(forever()), engine.loop).result(PATIENCE)
    process.stop()
    assert not engine.thread.is_alive()
    assert ended.is_set()
    assert running.cancelled()
    assert holder.voided_on == engine.thread.ident
    with pytest.raises(RuntimeError, match="about to end"):
        process.engine_for(Holder())
    process.stop()
    engine.stop()


async def started(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task that has begun."""
    task = asyncio.create_task(work)
    await asyncio.sleep(0)
    return task


def test_a_thread_that_is_stuck_is_waited_for_no_longer_than_that(
    process: Process, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An interpreter that ends does not hang because of it, and says why it was slow."""
    monkeypatch.setattr(iothread, "EXIT_WAIT", 0.05)
    release, stuck = threading.Event(), threading.Event()
    engine = process.engine_for(Holder())

    def block() -> None:
        stuck.set()
        release.wait(PATIENCE)

    engine.loop.call_soon_threadsafe(block)
    assert stuck.wait(PATIENCE)
    process.stop()
    assert engine.thread.is_alive()
    assert "the I/O thread is stuck: it did not end within 0.05 s" in caplog.text
    release.set()
    engine.thread.join(PATIENCE)
    assert not engine.thread.is_alive()


def test_no_thread_to_be_had(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's refusal is raised; loop and lease are not left behind."""
    made: list[Engine] = []

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    make = Engine.__init__

    def remember(engine: Engine, of: Process, name: str) -> None:
        make(engine, of, name)
        made.append(engine)

    monkeypatch.setattr(Engine, "__init__", remember)
    with monkeypatch.context() as poor:
        poor.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            process.engine_for(Holder())
    assert made[0].loop.is_closed()
    assert process.engine_for(Holder()) is made[1], "the next one gets one of its own"


def test_code_that_wants_to_end_the_program_does_not_end_the_thread(
    process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    """``sys.exit()`` in a callback is logged; all others go on."""
    engine = process.engine_for(Holder())

    def leave() -> None:
        raise SystemExit(3)

    engine.loop.call_soon_threadsafe(leave)
    alive = asyncio.run_coroutine_threadsafe(asyncio.sleep(0, "alive"), engine.loop)
    assert alive.result(PATIENCE) == "alive"
    assert "tried to end the program, in vain" in caplog.text


def test_a_fork_waits_for_an_engine_in_the_making(process: Process) -> None:
    """While one thread makes an engine another cannot fork: the child would get half of it."""
    process.before_fork()
    got = threading.Event()

    def take() -> None:
        process.engine_for(Holder())
        got.set()

    other = threading.Thread(target=take)
    other.start()
    assert not process._engines
    assert not got.is_set()
    process.after_fork_in_parent()
    assert got.wait(PATIENCE)
    other.join(PATIENCE)


def test_a_child_knows_that_it_has_no_thread(process: Process) -> None:
    """What it inherited is marked and kept; the next lease starts an engine of the child's own."""
    engine = process.engine_for(Holder())
    child = Process()
    child._engines, child._current = {engine}, engine
    child.before_fork()
    child.after_fork_in_child()
    assert engine.inherited
    assert child._engines == set()
    # The lock that was held at the fork is another one now.
    own = child.engine_for(Holder())
    try:
        assert own is not engine
        assert not own.inherited
    finally:
        child.stop()


def test_what_is_frozen_is_never_collected() -> None:
    """Neither by counting references nor by the garbage collector."""

    class Thing:
        """Something with a finaliser that must not run."""

    thing = Thing()
    gone = weakref.ref(thing)
    freeze([thing])
    del thing
    gc.collect()
    assert gone() is not None


def test_this_process_has_one() -> None:
    """It is the one that clients use."""
    assert isinstance(PROCESS, Process)
    assert not PROCESS.exiting
