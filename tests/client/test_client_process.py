"""A client when its process forks, and when its interpreter ends: in programs of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from longwire.testing import FeedThread, NumberedFeed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., str]

PATIENCE = 15.0

PREFACE = """
import asyncio, logging, os, sys, threading
import longwire

# A busy machine may well block the loop of a program that has just begun: that is told, rightly.
logging.getLogger("longwire.client").addFilter(
    lambda record: record.longwire_cause != "blocked-event-loop"
)

async def started(url, **options):
    client = await longwire.connect(url, isolate=ISOLATE, **options).__aenter__()
    assert await client.recv(10) == "0 of the feed"
    await client.wait_live(10)
    return client
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")


@pytest.fixture
def feed() -> Iterator[Any]:
    """A feed that goes on and on, in a thread of its own."""
    with FeedThread(lambda: NumberedFeed(rate=200, while_away="hold")) as thread:
        yield thread


@pytest.fixture
def run(isolate: bool, feed: Any) -> Run:
    """Runs a program with a live client of either kind. It must not complain."""

    def run(body: str, *, code: int = 0) -> str:
        program = f"ISOLATE = {isolate}\nURL = {feed.url!r}\n{PREFACE}\n{textwrap.dedent(body)}"
        # From Python 3.12 on it warns of every fork of a process with threads.
        quiet = "ignore:This process:DeprecationWarning"
        done = subprocess.run(
            [sys.executable, "-W", quiet, "-c", program],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.stderr, done.returncode) == ("", code)
        return done.stdout

    return run


@needs_fork
def test_a_forked_child_has_no_client(run: Run) -> None:
    """An inherited client says so, whatever it is asked; it can be closed; a new one works."""
    out = run(
        """
        async def inherited(client):
            async def iterate(items):
                await anext(items)

            for name, ask in {
                "recv": lambda: client.recv(),
                "recv within": lambda: client.recv(1),
                "iterate": lambda: iterate(aiter(client)),
                "batches": lambda: iterate(client.batches()),
                "events": lambda: iterate(client.events()),
                "send": lambda: client.send("x"),
                "ping": lambda: client.ping(),
                "wait_live": lambda: client.wait_live(),
            }.items():
                try:
                    await asyncio.wait_for(ask(), 5)
                except longwire.LongwireError as error:
                    assert "forked" in str(error) and "longwire.connect" in error.hint, error
                else:
                    print(name, "went well", flush=True)
            try:
                client.stats()
            except longwire.LongwireError as error:
                print("stats:", error.blame, flush=True)
            print(client.state, client.interruptions, client.alerts, flush=True)
            await asyncio.wait_for(client.close(), 5)
            async with longwire.connect(URL, isolate=ISOLATE) as own:
                print("own:", type(await own.recv(10)).__name__, flush=True)

        def in_child(client):
            # A thread of its own: the forking one still believes that it runs the parent's loop.
            thread = threading.Thread(target=lambda: asyncio.run(inherited(client)))
            thread.start()
            thread.join()

        async def main():
            client = await started(URL)
            child = os.fork()
            if child == 0:
                try:
                    in_child(client)
                finally:
                    os._exit(0)
            _, status = await asyncio.to_thread(os.waitpid, child, 0)
            print("child:", os.waitstatus_to_exitcode(status), flush=True)
            # What arrived during the fork may come first; what follows is no less whole.
            numbers = [int((await client.recv(10)).split()[0]) for _ in range(100)]
            assert numbers == list(range(1, 101))
            assert client.stats().links == 1
            await client.close()
            print("parent:", client.state, flush=True)

        asyncio.run(main())
        """
    )
    assert out.splitlines() == [
        "stats: local",
        "closed [] []",
        "own: str",
        "child: 0",
        "parent: closed",
    ]


@needs_fork
def test_a_client_made_before_a_fork_and_entered_behind_it(run: Run) -> None:
    """One that had not been started belongs to nobody: parent and child may each use theirs."""
    out = run(
        """
        client = longwire.connect(URL, isolate=ISOLATE)
        child = os.fork()

        async def main():
            async with client:
                await client.recv(10)
                await client.ping()

        asyncio.run(main())
        if child == 0:
            os._exit(0)
        print("child:", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        """
    )
    assert out == "child: 0\n"


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("return", 0),
        ("sys.exit(3)", 3),
        ("asyncio.get_running_loop().call_soon(sys.exit, 3); await asyncio.sleep(10)", 3),
    ],
)
def test_an_interpreter_that_ends_with_a_live_client(
    run: Run, feed: Any, ending: str, code: int
) -> None:
    """Nobody closes it: the interpreter ends all the same, at once, and the link with it."""
    run(
        f"""
        import logging
        logging.disable(logging.CRITICAL)

        async def main():
            client = await started(URL)
            {ending}

        asyncio.run(main())
        """,
        code=code,
    )
    link = feed.wait(lambda numbered: numbered.attempt(1))
    feed.wait(lambda _: link.wait_ended())
