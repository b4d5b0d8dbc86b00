"""The I/O thread when a process forks, and when an interpreter ends: in programs of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable

import pytest

PATIENCE = 15.0

PREFACE = """
import asyncio, logging, os, signal, socket, sys, threading
from concurrent.futures import CancelledError
from longwire.client import iothread
from longwire.client.isolation import LeaseEnded, acquire, io_thread

# In development mode asyncio warns of steps that a busy machine made slow.
logging.getLogger("asyncio").addFilter(lambda record: "took" not in record.getMessage())

if ENGINE == "asyncio":
    iothread.new_event_loop = asyncio.new_event_loop

async def whoami():
    return threading.get_ident()

async def forever(started):
    try:
        started.set()
        await asyncio.Event().wait()
    finally:
        print("cleaned up", flush=True)

def start_forever(io):
    started = threading.Event()
    future = io.submit(forever(started))
    assert started.wait(10)
    return future

def wait_for(child):
    _, status = os.waitpid(child, 0)
    print("child ended with", os.waitstatus_to_exitcode(status), flush=True)
"""

Run = Callable[[str], str]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")


@pytest.fixture(params=["uvloop", "asyncio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a program whose I/O thread has uvloop's loop, and asyncio's. It must not complain."""
    if request.param == "uvloop":
        pytest.importorskip("uvloop", reason="uvloop is not installed")

    def run(body: str) -> str:
        program = f"ENGINE = {request.param!r}\n{PREFACE}\n{textwrap.dedent(body)}"
        # From Python 3.12 on it warns of every fork of a process with threads.
        quiet = "ignore:This process:DeprecationWarning"
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", quiet, "-c", program],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.stderr, done.returncode) == ("", 0)
        return done.stdout

    return run


# ---------------------------------------------------------------- exit


def test_exit_with_live_task(run: Run) -> None:
    """An interpreter that ends in the middle of it all cancels the tasks, and says nothing."""
    out = run(
        """
        io = acquire()
        start_forever(io)
        print("leaving", flush=True)
        """
    )
    assert out == "leaving\ncleaned up\n"


def test_exit_within_grace(run: Run) -> None:
    """An interpreter that ends within the grace time does not wait for it."""
    run(
        """
        with io_thread(grace=3600) as io:
            io.submit(whoami()).result(10)
        """
    )


def test_exit_by_exception_in_loop(run: Run) -> None:
    """A user's loop that ends by ``sys.exit()`` while it waits for the I/O thread does no harm."""
    out = run(
        """
        async def main():
            io = acquire()
            future = start_forever(io)
            asyncio.get_running_loop().call_soon(sys.exit)
            await asyncio.wrap_future(future)

        asyncio.run(main())
        """
    )
    assert out == "cleaned up\n"


def test_exit_with_executor_used(run: Run) -> None:
    """The loop's executor, as name look-ups use it, is no obstacle at the end."""
    run(
        """
        async def look_up():
            await asyncio.get_running_loop().run_in_executor(None, len, "work")

        io = acquire()
        io.submit(look_up()).result(10)
        start_forever(io)
        """
    )


def test_exit_while_submitting(run: Run) -> None:
    """Work submitted up to the last moment, also by a daemon thread, is ended without a word."""
    run(
        """
        io = acquire()

        def hurry():
            try:
                while True:
                    io.submit(whoami()).result(10)
            except (LeaseEnded, CancelledError):
                return

        threads = [threading.Thread(target=hurry, daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        io.submit(whoami()).result(10)
        """
    )


def test_exit_with_stuck_thread(run: Run) -> None:
    """A task that will not end, and a thread that does not come back, delay the end by a bound."""
    out = run(
        """
        import logging, time
        logging.disable(logging.CRITICAL)

        async def stuck(started):
            started.set()
            time.sleep(3600)

        io = acquire()
        started = threading.Event()
        io.submit(stuck(started))
        assert started.wait(10)
        iothread.EXIT_WAIT = 0.1
        print("leaving", flush=True)
        """
    )
    assert out == "leaving\n"


def test_no_thread_after_exit_has_begun(run: Run) -> None:
    """An exit handler that runs last gets a plain error, not a thread that cannot start."""
    out = run(
        """
        import atexit

        def late():
            try:
                acquire()
            except RuntimeError as error:
                print(error, flush=True)

        atexit.unregister(iothread.PROCESS.stop)
        atexit.register(late)
        atexit.register(iothread.PROCESS.stop)
        """
    )
    assert out == "the interpreter is about to end: no new I/O thread\n"


# ---------------------------------------------------------------- fork


@needs_fork
def test_fork_starts_its_own(run: Run) -> None:
    """A forked child finds its inherited lease void, starts its own thread, and ends by itself."""
    out = run(
        """
        io = acquire()
        parents = io.submit(whoami()).result(10)
        child = os.fork()
        if child == 0:
            assert io.inherited and io.released
            try:
                io.submit(whoami())
            except LeaseEnded:
                print("void", flush=True)
            io.release()
            asyncio.run(io.aclose())
            with io_thread() as own:
                assert own.submit(whoami()).result(10) == own.ident
                assert own.loop is not io.loop
            print("child done", flush=True)
            sys.exit()
        wait_for(child)
        assert io.submit(whoami()).result(10) == parents
        io.release()
        """
    )
    assert out == "void\nchild done\nchild ended with 0\n"


@needs_fork
def test_fork_runs_nothing_inherited(run: Run) -> None:
    """No cleaning up of the parent's tasks happens in the child, not even at its end.

    One ``finally`` there could take the parent's socket out of its epoll set, or write to it.
    """
    out = run(
        """
        import gc

        class Echo(asyncio.Protocol):
            def connection_made(self, transport):
                self.transport = transport

            def data_received(self, data):
                self.transport.write(data)

        async def serve(sock, started):
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_connection(Echo, sock=sock)
            try:
                started.set()
                await asyncio.Event().wait()
            finally:
                print("cleaned up", flush=True)
                transport.write(b"goodbye")
                transport.close()

        ours, theirs = socket.socketpair()
        ours.settimeout(10)
        io = acquire()
        started = threading.Event()
        future = io.submit(serve(theirs, started))
        assert started.wait(10)
        child = os.fork()
        if child == 0:
            del io, future, theirs
            gc.collect()
            ours.close()
            print("child done", flush=True)
            sys.exit()
        wait_for(child)
        ours.send(b"still there?")
        print(ours.recv(100), flush=True)
        asyncio.run(io.aclose())
        ours.close()
        """
    )
    assert out == ("child done\nchild ended with 0\nb'still there?'\ncleaned up\n")


def test_freeze(run: Run) -> None:
    """What is frozen is never taken apart, neither by the collector nor at the exit."""
    out = run(
        """
        import gc

        class Loud:
            def __del__(self):
                print("taken apart", flush=True)

        iothread.freeze([Loud()])
        gc.collect()
        print("collected", flush=True)
        """
    )
    assert out == "collected\n"


@needs_fork
def test_fork_while_thread_holds_locks(run: Run) -> None:
    """A child forked in the midst of traffic hangs on no lock that another thread held."""
    out = run(
        """
        enough = threading.Event()

        def traffic():
            while not enough.is_set():
                with io_thread(grace=0) as io:
                    io.submit(whoami()).result(10)

        threads = [threading.Thread(target=traffic) for _ in range(3)]
        for thread in threads:
            thread.start()
        codes = []
        for _ in range(20):
            child = os.fork()
            if child == 0:
                signal.alarm(10)
                with io_thread() as own:
                    own.submit(whoami()).result(10)
                os._exit(0)
            codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        enough.set()
        for thread in threads:
            thread.join()
        print(set(codes), flush=True)
        """
    )
    assert out == "{0}\n"


@needs_fork
def test_multiprocessing_fork(run: Run) -> None:
    """multiprocessing's fork works with a live thread in the parent, and its child ends."""
    out = run(
        """
        import multiprocessing

        def work(queue):
            with io_thread() as own:
                queue.put(own.submit(whoami()).result(10) == own.ident)

        context = multiprocessing.get_context("fork")
        queue = context.SimpleQueue()
        with io_thread() as io:
            io.submit(whoami()).result(10)
            process = context.Process(target=work, args=(queue,))
            process.start()
            print(queue.get(), flush=True)
            process.join(10)
            print(process.exitcode, flush=True)
        queue.close()
        """
    )
    assert out == "True\n0\n"


@needs_fork
def test_fork_in_running_loop(run: Run) -> None:
    """A child forked by a coroutine of the user's ends with ``os._exit``; the parent goes on."""
    out = run(
        """
        async def main():
            async with io_thread() as io:
                await asyncio.wrap_future(io.submit(whoami()))
                child = os.fork()
                if child == 0:
                    os._exit(0)
                await asyncio.to_thread(wait_for, child)
                assert await asyncio.wrap_future(io.submit(whoami())) == io.ident

        asyncio.run(main())
        """
    )
    assert out == "child ended with 0\n"
