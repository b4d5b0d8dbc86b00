"""The watchdog's thread: real loops that stand still, in programs that fork and end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from longwire.observe.watchdog import THREAD_NAME, WATCHDOG, Watchdog
from longwire.testing import block_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longwire.observe.lag import Block
    from longwire.observe.watchdog import Watch

PATIENCE = 15.0


class Told:
    """What a watch said, and in which thread."""

    def __init__(self) -> None:
        self.blocked = threading.Event()
        self.cleared = threading.Event()
        self.blocks: list[Block] = []
        self.clears: list[Block] = []
        self.busy: list[Block] = []
        self.threads: set[str] = set()

    def on_block(self, block: Block) -> None:
        self.threads.add(threading.current_thread().name)
        self.blocks.append(block)
        self.blocked.set()

    def on_clear(self, block: Block) -> None:
        self.threads.add(threading.current_thread().name)
        self.clears.append(block)
        self.cleared.set()


def watch(watchdog: Watchdog, told: Told, *, known: bool = True) -> Watch:
    """Watch the running loop."""
    return watchdog.watch(
        asyncio.get_running_loop(),
        thread=threading.get_ident() if known else None,
        on_block=told.on_block,
        on_clear=told.on_clear,
        on_busy=told.busy.append,
    )


@pytest.fixture
def quick() -> Iterator[Watchdog]:
    """A watchdog that is impatient."""
    made = Watchdog(interval=0.02, threshold=0.2)
    yield made
    made.stop()


def block_until(event: threading.Event, how: str) -> None:
    """Block the calling thread until that was noticed; not for ever."""
    deadline = time.monotonic() + PATIENCE
    while not event.is_set() and time.monotonic() < deadline:
        if how == "sleep":
            time.sleep(0.01)


def wait_for(true: Callable[[], object]) -> bool:
    """Block until something is so; not for ever."""
    deadline = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(true())


@pytest.mark.both_loops
@pytest.mark.blocking
@pytest.mark.parametrize("how", ["sleep", "spin"])
async def test_a_block_is_told_while_it_lasts(quick: Watchdog, how: str) -> None:
    """Where it is, in which task, after a few looks; and its whole length when it is over."""
    told = Told()
    watching = watch(quick, told)

    async def culprit() -> None:
        block_until(told.blocked, how)

    await asyncio.create_task(culprit(), name="culprit")
    assert told.blocked.is_set(), "told while the loop stood still"
    assert await asyncio.to_thread(told.cleared.wait, PATIENCE)
    (block,), (clear,) = told.blocks, told.clears
    assert block.seen.place is not None
    assert "test_watchdog.py:" in block.seen.place
    assert block.seen.task == "culprit"
    assert 1 <= block.seen.samples <= 5
    assert any("block_until" in line for line in block.seen.stack)
    assert clear.lag >= block.lag >= 0.19
    assert watching.worst_since(0.0) >= clear.lag
    assert told.threads == {THREAD_NAME}
    assert watching.block_since(0.0) is not None
    watching.stop()


async def test_nothing_is_looked_at_while_nothing_is_blocked() -> None:
    """The price of a loop that runs: four stamps a second, and not one look at a stack."""
    watchdog = Watchdog(interval=0.01, threshold=60.0)
    watching = watch(watchdog, Told())
    assert await asyncio.to_thread(wait_for, lambda: watching._meter._worst), "it is measured"
    assert watchdog.looks == 0
    watching.stop()


@pytest.mark.blocking
async def test_one_loop_is_measured_once(quick: Watchdog) -> None:
    """Each of its watchers is told; the thread ends with the last of them."""
    first, second = Told(), Told()
    watches = [watch(quick, first), watch(quick, second, known=False)]
    assert len(quick._watched) == 1
    block_until(second.blocked, "sleep")
    assert first.blocked.is_set()
    watches[0].stop()
    watches[0].stop()
    assert quick.running
    assert await asyncio.to_thread(second.cleared.wait, PATIENCE)
    watches[1].stop()
    assert await asyncio.to_thread(wait_for, lambda: not quick.running)


def test_loops_in_several_threads(quick: Watchdog) -> None:
    """The loop that stands still is told, and the others are not."""
    innocent, guilty = Told(), Told()
    over = threading.Event()

    async def run(told: Told, *, blocks: bool) -> None:
        watching = watch(quick, told)
        if blocks:
            block_until(told.blocked, "sleep")
            over.set()
        await asyncio.to_thread(over.wait, PATIENCE)
        watching.stop()

    threads = [
        threading.Thread(target=lambda told=told: asyncio.run(run(told, blocks=told is guilty)))
        for told in (innocent, guilty)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert guilty.blocked.is_set()
    assert guilty.blocks[0].seen.place is not None
    assert "block_until" in str(guilty.blocks[0].seen.stack)


def test_a_loop_that_is_closed_is_forgotten(quick: Watchdog) -> None:
    """Nobody is told of a block, and the watch can still be stopped."""
    told = Told()

    async def leave() -> Watch:
        return watch(quick, told)

    watching = asyncio.run(leave())
    assert wait_for(lambda: watching._meter.ended)
    assert told.blocks == []
    watching.stop()


@pytest.mark.blocking
@pytest.mark.skipif(sys.platform == "win32", reason="needs a C library that is in the process")
async def test_a_held_gil_is_told_afterwards(quick: Watchdog) -> None:
    """The watching thread could not run either, and finds the place right behind the call."""
    told = Told()
    watching = watch(quick, told)
    await asyncio.sleep(0.05)
    block_loop(1.5, "gil")
    assert await asyncio.to_thread(told.cleared.wait, PATIENCE)
    block = told.blocks[0]
    assert block.gil is not None
    assert block.lag >= 1.0
    assert block.seen.place is not None
    assert "test_a_held_gil_is_told_afterwards" in block.seen.place
    watching.stop()


async def test_no_thread_to_be_had(quick: Watchdog, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is raised, and nothing is watched then."""

    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="new thread"):
        watch(quick, Told())
    assert quick._watched == {}
    assert not quick.running


# ---------------------------------------------------------------- programs

PREFACE = """
import asyncio, os, sys, threading, time
from longwire.observe.watchdog import WATCHDOG

def watch(name):
    return WATCHDOG.watch(
        asyncio.get_running_loop(),
        thread=threading.get_ident(),
        on_block=lambda block: print(name, "blocked:", block.seen.place.split()[-1], flush=True),
        on_clear=lambda block: None,
        on_busy=lambda block: None,
    )

def block():
    time.sleep(1.5)
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")


def run(body: str, **environment: str) -> str:
    """Run a program. It must not complain."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore:This process:DeprecationWarning", "-c", PREFACE + body],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, **environment},
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


@needs_fork
@pytest.mark.parametrize("dumping", ["0", "1"])
def test_a_forked_child_has_its_own(dumping: str) -> None:
    """It watches what it is asked to there, and nothing of its parent's; both end in good order."""
    out = run(
        textwrap.dedent(
            """
            # What it registers for a fork must not come in the middle of one.
            import concurrent.futures.thread

            async def main():
                watching = watch("child")
                await asyncio.sleep(0.6)
                block()
                await asyncio.sleep(0.5)
                watching.stop()

            async def parent():
                watching = watch("parent")
                # The timer is set by now, if it is used.
                await asyncio.sleep(0.6)
                forking.set()
                await asyncio.to_thread(forked.wait)
                print("parent goes on", WATCHDOG.running, flush=True)
                watching.stop()

            forking, forked = threading.Event(), threading.Event()
            thread = threading.Thread(target=lambda: asyncio.run(parent()))
            thread.start()
            forking.wait()
            child = os.fork()
            if child == 0:
                print("child has", WATCHDOG.running, len(WATCHDOG._watched), flush=True)
                asyncio.run(main())
                sys.exit(3)
            _, status = os.waitpid(child, 0)
            print("child ended with", os.waitstatus_to_exitcode(status), flush=True)
            forked.set()
            thread.join()
            """
        ),
        LONGWIRE_FAULTHANDLER=dumping,
    )
    assert out.splitlines() == [
        "child has False 0",
        "child blocked: block",
        "child ended with 3",
        "parent goes on True",
    ]


@pytest.mark.parametrize("dumping", ["0", "1"])
def test_the_interpreter_ends_with_a_watch_that_was_left(dumping: str) -> None:
    """At once and without a word, though nobody stopped it."""
    out = run(
        textwrap.dedent(
            """
            async def main():
                global watching
                watching = watch("left")
                await asyncio.sleep(0.6)
                print("over", flush=True)

            asyncio.run(main())
            """
        ),
        LONGWIRE_FAULTHANDLER=dumping,
    )
    assert out == "over\n"


def test_there_is_one_per_process() -> None:
    """Every client uses it; the clients of this process are gone, and so is its thread."""
    assert wait_for(lambda: not WATCHDOG.running)


def test_what_is_told_may_ask_in_turn(quick: Watchdog) -> None:
    """Telling holds no lock: whoever is told may stop the watch from in there."""
    done = threading.Event()
    made: list[Any] = []

    async def main() -> None:
        def on_block(block: Block) -> None:
            made[0].block_since(0.0)
            made[0].stop()
            done.set()

        made.append(
            quick.watch(
                asyncio.get_running_loop(),
                thread=threading.get_ident(),
                on_block=on_block,
                on_clear=lambda block: None,
                on_busy=lambda block: None,
            )
        )
        block_until(done, "sleep")

    asyncio.run(main())
    assert done.is_set()


def test_who_is_told_may_fail(quick: Watchdog, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user's log filter may: it is reported as Python does; others and the next are told."""
    reported: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    told = threading.Event()

    def on_block(block: Block) -> None:
        told.set()
        raise LookupError("as asked")

    async def main() -> None:
        watching = quick.watch(
            asyncio.get_running_loop(),
            thread=threading.get_ident(),
            on_block=on_block,
            on_clear=lambda block: None,
            on_busy=lambda block: None,
        )
        other = Told()
        another = watch(quick, other)
        for _ in range(2):
            block_until(other.blocked, "sleep")
            assert told.is_set()
            assert other.blocked.is_set()
            told.clear()
            other.blocked.clear()
            await asyncio.sleep(0.1)
        watching.stop()
        another.stop()

    asyncio.run(main())
    assert {each.exc_type for each in reported} == {LookupError}
