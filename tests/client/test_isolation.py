"""The I/O thread: shared, counted, and gone when nobody needs it; across forks and exits."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from longwire.client import iothread, isolation
from longwire.client.isolation import IoThread, LeaseEnded, acquire, io_thread
from longwire.link.dial import dial
from longwire.link.transport import new_io_loop
from longwire.testing import FeedThread

if TYPE_CHECKING:
    from longwire.link.link import WireLink
    from longwire.testing import NumberedFeed

PATIENCE = 10.0
FOREVER = 3600.0


@pytest.fixture(autouse=True)
def _no_thread_at_first() -> None:
    """An earlier test's thread may be in its grace time: wait for its end."""
    for thread in io_threads():
        thread.join(PATIENCE)


@pytest.fixture(params=["uvloop", "asyncio"])
def _each_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The I/O thread runs uvloop's loop, and asyncio's."""
    if request.param == "uvloop":
        uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")
        monkeypatch.setattr(iothread, "new_io_loop", uvloop.new_event_loop)
    else:
        monkeypatch.setattr(iothread, "new_io_loop", asyncio.new_event_loop)


def io_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == iothread.THREAD_NAME]


def thread_of(io: IoThread) -> threading.Thread:
    return next(thread for thread in threading.enumerate() if thread.ident == io.ident)


async def whoami() -> int:
    return threading.get_ident()


async def forever(started: threading.Event, trace: list[str]) -> None:
    started.set()
    try:
        await asyncio.Event().wait()
    finally:
        trace.append("cleaned up")


# ---------------------------------------------------------------- one thread, counted


@pytest.mark.usefixtures("_each_engine")
def test_runs_coroutines_elsewhere() -> None:
    """A coroutine runs on a daemon thread of its own, with its loop running there."""
    with io_thread(grace=0) as io:
        assert io.submit(whoami()).result(PATIENCE) == io.ident != threading.get_ident()
        assert io.loop.is_running()
        assert thread_of(io).daemon
        assert io.name == thread_of(io).name == "longwire-io"
        thread = thread_of(io)
    thread.join(PATIENCE)
    assert not io_threads()
    assert io.loop.is_closed()


def test_the_loop_is_the_transports_choice() -> None:
    """The loop is the one that `longwire.link.transport` takes for the fastest."""
    own = new_io_loop()
    own.close()
    with io_thread(grace=0) as io:
        assert type(io.loop) is type(own)


def test_asyncio_without_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without uvloop asyncio's own loop does it."""
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with io_thread(grace=0) as io:
        assert type(io.loop).__module__.startswith("asyncio")


def test_one_thread_for_all() -> None:
    """All leases share one thread; it ends with the last of them, in whichever order."""
    first, second, third = acquire(grace=0), acquire(grace=0), acquire(grace=0)
    thread = thread_of(first)
    assert first.ident == second.ident == third.ident
    assert len(io_threads()) == 1
    second.release()
    first.release()
    assert third.submit(whoami()).result(PATIENCE) == thread.ident
    third.release()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_grace_keeps_thread() -> None:
    """Who comes back within the grace time finds the same thread, and its grace starts anew."""
    first = acquire(grace=FOREVER)
    ident = first.ident
    first.release()
    with io_thread(grace=FOREVER) as second:
        assert second.ident == ident
    with io_thread(grace=0) as third:
        assert third.ident == ident
        thread = thread_of(third)
    # The last one's grace counts: those of the others are forgotten.
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_default_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grace is the module's, unless the lease names its own; it is not over too early."""
    monkeypatch.setattr(isolation, "GRACE", 0.05)
    io = acquire()
    thread = thread_of(io)
    before = time.monotonic()
    io.release()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert time.monotonic() - before >= 0.04


@pytest.mark.parametrize("grace", [-1.0, float("nan")])
def test_grace_is_checked(grace: float) -> None:
    """A grace that makes no sense is refused, and no thread is started."""
    with pytest.raises(ValueError, match="grace"):
        acquire(grace=grace)
    assert not io_threads()


def test_new_thread_after_end() -> None:
    """After the thread has ended the next lease starts another."""
    with io_thread(grace=0) as io:
        first = thread_of(io)
    first.join(PATIENCE)
    with io_thread(grace=0) as io:
        assert thread_of(io) is not first
        assert io.submit(whoami()).result(PATIENCE) == io.ident


def test_release_twice() -> None:
    """A lease counts once, however often it is returned."""
    with io_thread(grace=0) as other:
        io = acquire(grace=0)
        io.release()
        io.release()
        assert io.released
        assert not other.released
        assert other.submit(whoami()).result(PATIENCE) == other.ident


def test_no_thread_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no thread, that is raised, and nothing is left."""
    loops: list[asyncio.AbstractEventLoop] = []

    def new_loop() -> asyncio.AbstractEventLoop:
        loops.append(asyncio.new_event_loop())
        return loops[-1]

    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(iothread, "new_io_loop", new_loop)
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            acquire(grace=0)
    assert [loop.is_closed() for loop in loops] == [True]
    with io_thread(grace=0) as io:
        assert io.submit(whoami()).result(PATIENCE) == io.ident


# ---------------------------------------------------------------- tasks and their owner


@pytest.mark.usefixtures("_each_engine")
def test_outcomes() -> None:
    """Results and errors come out of the future; the caller's context variables go in."""
    variable = contextvars.ContextVar("variable", default="unset")

    async def read() -> str:
        return variable.get()

    async def fail() -> None:
        raise LookupError("as asked")

    with io_thread(grace=0) as io:
        variable.set("caller's")
        assert io.submit(read()).result(PATIENCE) == "caller's"
        with pytest.raises(LookupError, match="as asked"):
            io.submit(fail()).result(PATIENCE)


@pytest.mark.usefixtures("_each_engine")
def test_cancelling_future_cancels_task() -> None:
    """A task whose future is cancelled is cancelled itself."""
    started, ended = threading.Event(), threading.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def run() -> None:
        async with io_thread(grace=0) as io:
            future = io.submit(work())
            assert await asyncio.to_thread(started.wait, PATIENCE)
            assert future.cancel()
            assert await asyncio.to_thread(ended.wait, PATIENCE)

    asyncio.run(run())


@pytest.mark.blocking
def test_cancelled_before_start() -> None:
    """A future that is cancelled before its task begins: the coroutine never runs."""
    gate, held, ran = threading.Event(), threading.Event(), []

    async def hold() -> None:
        held.set()
        gate.wait(PATIENCE)

    async def work() -> None:
        ran.append("yes")

    with io_thread(grace=0) as io:
        holding = io.submit(hold())
        assert held.wait(PATIENCE)
        future = io.submit(work())
        assert future.cancel()
        gate.set()
        holding.result(PATIENCE)
        assert io.submit(whoami()).result(PATIENCE) == io.ident
    assert future.cancelled()
    assert not ran


def test_release_from_last_callback() -> None:
    """The callback of a lease's only task may return the lease, on the I/O thread."""
    returned: concurrent.futures.Future[int] = concurrent.futures.Future()
    io = acquire(grace=0)
    thread = thread_of(io)

    def release(future: concurrent.futures.Future[int]) -> None:
        io.release()
        returned.set_result(threading.get_ident())

    io.submit(whoami()).add_done_callback(release)
    assert returned.result(PATIENCE) in {thread.ident, threading.get_ident()}
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_release_with_tasks_is_a_mistake() -> None:
    """Tasks that still run at `release` are named, cancelled and awaited; then the thread ends."""
    started, trace = threading.Event(), list[str]()
    io = acquire(grace=0)
    thread = thread_of(io)
    future = io.submit(forever(started, trace))
    assert started.wait(PATIENCE)
    with pytest.raises(RuntimeError, match="tasks running: forever"):
        io.release()
    thread.join(PATIENCE)
    assert future.cancelled()
    assert trace == ["cleaned up"]


def test_release_waits_for_a_slow_task() -> None:
    """The thread lives as long as a cancelled task takes to clean up, whatever the grace."""
    started, clean = threading.Event(), threading.Event()
    trace: list[str] = []

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.get_running_loop().run_in_executor(None, clean.wait, PATIENCE)
            trace.append("cleaned up")

    io = acquire(grace=0)
    thread = thread_of(io)
    future = io.submit(work())
    assert started.wait(PATIENCE)
    with pytest.raises(RuntimeError, match="tasks running"):
        io.release()
    assert io.loop.is_running()
    clean.set()
    thread.join(PATIENCE)
    assert trace == ["cleaned up"]
    assert future.cancelled()


def test_finish_lets_tasks_come_to_their_end() -> None:
    """What runs is not cancelled, nothing new is taken, and the last one gives the thread back."""
    io = acquire(grace=0)
    thread = thread_of(io)
    go: concurrent.futures.Future[str] = concurrent.futures.Future()

    async def wait() -> str:
        return await asyncio.wrap_future(go)

    running = io.submit(wait())
    returned = io.finish()
    assert io.released
    with pytest.raises(LeaseEnded):
        io.submit(whoami())
    assert not returned.done()
    go.set_result("done")
    assert running.result(PATIENCE) == "done"
    returned.result(PATIENCE)
    assert io.finish() is returned
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_finish_without_tasks() -> None:
    """Where nothing runs it is a release like any other."""
    io = acquire(grace=0)
    thread = thread_of(io)
    io.finish().result(PATIENCE)
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_body_error_is_not_hidden() -> None:
    """A ``with`` body that fails raises its own error; its tasks are ended all the same."""
    started, trace = threading.Event(), list[str]()

    def body() -> None:
        with io_thread(grace=0) as io:
            io.submit(forever(started, trace))
            assert started.wait(PATIENCE)
            raise LookupError("body")

    with pytest.raises(LookupError, match="body"):
        body()
    for thread in io_threads():
        thread.join(PATIENCE)
    assert trace == ["cleaned up"]


async def test_aclose_cancels_and_awaits() -> None:
    """``async with`` ends what still runs, waits for it, and says nothing: that is its job."""
    trace: list[str] = []
    started = threading.Event()
    async with io_thread(grace=0) as io:
        future = io.submit(forever(started, trace))
        await asyncio.to_thread(started.wait, PATIENCE)
    assert trace == ["cleaned up"]
    assert future.cancelled()
    await io.aclose()


async def test_cancelled_aclose_leaves_nothing() -> None:
    """Cancelling `aclose` keeps neither the task from ending nor the lease from being returned."""
    trace: list[str] = []
    started = threading.Event()
    io = acquire(grace=0)
    thread = thread_of(io)
    io.submit(forever(started, trace))
    await asyncio.to_thread(started.wait, PATIENCE)
    closing = asyncio.create_task(io.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await asyncio.to_thread(thread.join, PATIENCE)
    assert not thread.is_alive()
    assert trace == ["cleaned up"]


def test_submit_after_release() -> None:
    """A returned lease takes no more work, and the coroutine is closed, not forgotten."""
    with io_thread(grace=0) as io:
        pass
    with pytest.raises(LeaseEnded, match="lease") as caught:
        io.submit(whoami())
    assert caught.value.blame == "local"
    assert "new client" in caught.value.hint


def test_sys_exit_ends_one_task_only(caplog: pytest.LogCaptureFixture) -> None:
    """``sys.exit()`` in one task comes out of its future; the thread goes on for all others."""

    async def leave() -> None:
        sys.exit(7)

    with io_thread(grace=0) as io:
        with pytest.raises(SystemExit):
            io.submit(leave()).result(PATIENCE)
        assert io.submit(whoami()).result(PATIENCE) == io.ident
    assert "in vain" in caplog.text


def test_many_loops_at_once() -> None:
    """Several loops in several threads come and go at the same time and share one thread."""
    barrier = threading.Barrier(6)

    async def use() -> set[int | None]:
        seen: set[int | None] = set()
        for _ in range(50):
            async with io_thread(grace=FOREVER) as io:
                seen.add(await asyncio.wrap_future(io.submit(whoami())))
        return seen

    def user() -> set[int | None]:
        barrier.wait(PATIENCE)
        return asyncio.run(use())

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        seen = set[int | None]().union(*(f.result() for f in [pool.submit(user) for _ in range(6)]))
    assert len(seen) == 1
    with io_thread(grace=0) as io:
        assert {io.ident} == seen


def test_ends_and_begins_race() -> None:
    """With no grace at all threads end while others begin: every lease has one that works."""

    def user() -> None:
        for _ in range(50):
            with io_thread(grace=0) as io:
                assert io.submit(whoami()).result(PATIENCE) == io.ident

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(user) for _ in range(4)]:
            future.result()
    for thread in io_threads():
        thread.join(PATIENCE)
    assert not io_threads()


def block_until(done: threading.Event, how: str) -> None:
    """Block this thread, in the kernel or in Python, until something is done elsewhere."""
    deadline = time.monotonic() + PATIENCE
    while not done.is_set() and time.monotonic() < deadline:
        if how == "sleep":
            time.sleep(0.05)
    assert done.is_set()


@pytest.mark.parametrize("how", ["sleep", "spin"])
@pytest.mark.usefixtures("_each_engine")
def test_timers_go_on_while_user_blocks(how: str) -> None:
    """Timers on the I/O thread fire while the main thread sleeps, or spins in Python."""
    enough = threading.Event()

    async def tick() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(20):
            future = loop.create_future()
            loop.call_later(0.005, future.set_result, None)
            await future
        enough.set()

    with io_thread(grace=0) as io:
        ticking = io.submit(tick())
        block_until(enough, how)
        ticking.result(PATIENCE)


@pytest.mark.parametrize("how", ["sleep", "spin"])
@pytest.mark.usefixtures("_each_engine")
def test_pongs_leave_while_user_blocks(how: str) -> None:
    """A link on the I/O thread answers pings while the main thread sleeps, or spins in Python."""
    enough = threading.Event()

    async def ping(feed: NumberedFeed) -> None:
        for _ in range(20):
            await feed.links[0].ping()
        enough.set()

    async def hang_up(link: WireLink) -> None:
        await link.close()
        await link.wait_gone()

    with FeedThread() as feed, io_thread(grace=0) as io:
        link = io.submit(dial(feed.url)).result(PATIENCE)
        pinging = feed.submit(ping)
        block_until(enough, how)
        pinging.result(PATIENCE)
        io.submit(hang_up(link)).result(PATIENCE)
