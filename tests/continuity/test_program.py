"""A program is read, asked to end, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from scoreboard.happenings import Holdings
from scoreboard.program import Program

TELLS = """
import json, sys, time
for seq in range(3):
    print(json.dumps({"t": time.monotonic(), "event": "message", "seq": seq}), flush=True)
"""
SLEEPS = TELLS + "time.sleep(600)\n"
DEAF_TO_SIGNALS = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEPS
FAILS_AT_THE_END = (
    "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit('worse'))\n" + SLEEPS
)
LEAVES_A_CHILD = "import subprocess; subprocess.Popen(['sleep', '600'])\n" + TELLS


def program(source: str, *, patience: float = 30.0) -> Program:
    """A Python program."""
    return Program((sys.executable, "-c", source), patience=patience)


def gone(pid: int) -> bool:
    """Whether nothing is left of a session."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.timeout(90)
async def test_what_it_tells_is_read() -> None:
    """Line by line, and one can wait for it; what never comes is not waited for."""
    async with program(SLEEPS) as running:
        assert await running.received(3, timeout=30)
        assert [one.seq for one in running.happenings] == [0, 1, 2]
        assert await running.reached(2, timeout=30)
        assert not await running.reached(3, timeout=0.05)
        assert running.exited is None
        assert await running.stop()
        assert running.exited == -15
        assert not running.children()


@pytest.mark.timeout(90)
async def test_it_has_the_variables_that_it_is_given() -> None:
    """Beside those of the tests."""
    source = "import os, sys; sys.exit(os.environ['GIVEN'] != 'this' or 'PATH' not in os.environ)"
    command = (sys.executable, "-c", source)
    async with Program(command, variables={"GIVEN": "this"}) as running:
        await running._process.wait()
        assert running.exited == 0


@pytest.mark.timeout(90)
async def test_one_that_ends_by_itself() -> None:
    """Its exit code says so."""
    async with program(TELLS) as running:
        assert await running.received(3, timeout=30)
        await running._process.wait()
        assert await running.stop()
        assert running.exited == 0


@pytest.mark.timeout(90)
async def test_one_that_does_not_end() -> None:
    """It is told, and it is gone afterwards all the same."""
    async with program(DEAF_TO_SIGNALS, patience=0.05) as running:
        assert await running.received(3, timeout=30)
        assert not await running.stop()
        pid = running._process.pid
    assert gone(pid)


@pytest.mark.timeout(90)
async def test_one_that_ends_badly() -> None:
    """An error on the way out is no good order."""
    async with program(FAILS_AT_THE_END) as running:
        assert await running.received(3, timeout=30)
        assert not await running.stop()
        assert running.exited == 1


@pytest.mark.timeout(90)
async def test_one_that_leaves_a_child() -> None:
    """It is told, and the child is ended, too."""
    async with program(LEAVES_A_CHILD, patience=0.05) as running:
        assert await running.received(3, timeout=30)
        # Its end is not seen as long as the child holds its output.
        assert not await running.stop()
        assert running.children()


@pytest.mark.timeout(90)
async def test_connections_are_counted() -> None:
    """Those that are open to a port, and threads and sockets, where the system tells."""
    accepted, over = asyncio.Event(), asyncio.Event()

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set()
        await reader.read()
        writer.close()
        over.set()

    server = await asyncio.start_server(attend, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    source = f"import socket; s = socket.create_connection(('127.0.0.1', {port}))\n{SLEEPS}"
    source = "import threading; threading.Thread(target=threading.Event().wait).start()\n" + source
    async with server, program(source) as running:
        assert await running.received(3, timeout=30)
        await accepted.wait()
        if sys.platform == "linux":
            assert running.connections(port) == 1
            assert running.connections(1) == 0
            assert running.holdings() == Holdings(threads=2, sockets=1)
        await running.stop()
        await over.wait()
