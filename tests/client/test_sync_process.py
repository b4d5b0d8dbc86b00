"""A blocking client and signals, forks and the interpreter's end: in programs of their own."""

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

PATIENCE = 60.0

PREFACE = """
import logging, os, signal, sys, threading, time
import longwire, longwire.sync

logging.disable(logging.CRITICAL)

def interrupt_soon(number=signal.SIGINT):
    # A signal to the process, from another thread, while this one waits in a call.
    threading.Timer(0.1, os.kill, (os.getpid(), number)).start()

def interrupted(call):
    interrupt_soon()
    try:
        call()
    except KeyboardInterrupt:
        return True
    return False
"""

posix = pytest.mark.skipif(os.name != "posix", reason="signals here are those of POSIX")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")


@pytest.fixture
def feed() -> Iterator[Any]:
    """A feed that goes on and on, in a thread of its own."""
    with FeedThread(lambda: NumberedFeed(rate=200, while_away="hold")) as thread:
        yield thread


@pytest.fixture
def run(feed: Any) -> Run:
    """Runs a program with the feed's URL. It must not complain."""

    def run(body: str, *, code: int = 0, says: str = "") -> str:
        program = f"URL = {feed.url!r}\n{PREFACE}\n{textwrap.dedent(body)}"
        # From Python 3.12 on it warns of every fork of a process with threads.
        quiet = "ignore:This process:DeprecationWarning"
        done = subprocess.run(
            [sys.executable, "-W", quiet, "-c", program],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert says in done.stderr if says else done.stderr == ""
        return done.stdout

    return run


@posix
def test_ctrl_c_ends_every_waiting_call(run: Run) -> None:
    """KeyboardInterrupt comes out of each at once, and the client goes on as before."""
    out = run(
        """
        with longwire.sync.connect("ws://127.0.0.1:1/", outbox=1) as client:
            for name, call in {
                "recv": client.recv,
                "recv within": lambda: client.recv(3600),
                "iterate": lambda: list(client),
                "batches": lambda: list(client.batches()),
                "wait_live": client.wait_live,
                "wait_live within": lambda: client.wait_live(3600),
                "send": lambda: client.send("x"),
            }.items():
                assert interrupted(call), name
            assert client.stats().unsent == 0
            assert client.state != "closed"
        # longwire's own outlive their last client by a grace time.
        others = [one for one in threading.enumerate() if not one.name.startswith("longwire")]
        print(client.state, [one.name for one in others])
        """
    )
    assert out == "closed ['MainThread']\n"


@posix
@pytest.mark.parametrize(
    "options",
    [
        pytest.param("{}", id="plain"),
        pytest.param("{'sequence': longwire.Sequence(lambda m: int(m.split()[0]))}", id="sequence"),
        pytest.param("{'inbox': longwire.Inbox(when_full='drop-oldest')}", id="policy"),
    ],
)
@pytest.mark.parametrize("way", ["recv", "iterate", "batches", "events"])
def test_signals_lose_nothing(way: str, options: str) -> None:
    """Signals that raise at any point of receiving, again and again: every message comes once."""
    with FeedThread() as feed:
        program = f"""
import os, random, signal, sys, threading
import longwire, longwire.sync

class Interrupted(Exception): pass
armed, hits, seen, way = False, 0, [], {way!r}

def on_signal(number, frame):
    global armed, hits
    if armed:
        armed, hits = False, hits + 1
        raise Interrupted

def receive(client):
    if way == "recv":
        while len(seen) < 4000:
            message = client.recv(); seen.append(message)
    elif way == "batches":
        for batch in client.batches():
            seen.extend(batch)
            if len(seen) >= 4000: break
    elif way == "events":
        for event in client.events():
            seen.append(event.data)
            if len(seen) >= 4000: break
    else:
        for message in client:
            seen.append(message)
            if len(seen) >= 4000: break

with longwire.sync.connect({feed.url!r}, **{options}) as client:
    client.wait_live(30)
    signal.signal(signal.SIGALRM, on_signal)
    print("ready", flush=True)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0007)
    while len(seen) < 4000:
        try:
            armed = True
            receive(client)
            armed = False
        except Interrupted:
            pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    stats = client.stats()
    assert stats.delivered + stats.queued == stats.received == 4000, stats
assert [int(one.split()[0]) for one in seen] == list(range(4000))
print(hits > 0, flush=True)
"""
        with subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            for _ in range(80):
                feed.do(lambda it: it.emit(50))
            assert process.stdout.readline() == "True\n"


@posix
def test_ctrl_c_in_with_closes_in_good_order(run: Run, feed: Any) -> None:
    """The block ends with KeyboardInterrupt, the link with 1000, the process with it."""
    run(
        """
        with longwire.sync.connect(URL) as client:
            for message in client:
                if message.startswith("20 "):
                    interrupt_soon()
        """,
        code=-2,
        says="KeyboardInterrupt",
    )
    link = feed.wait(lambda numbered: numbered.attempt(1))
    feed.wait(lambda _: link.wait_ended())
    assert link.received_close == (1000, "")


@posix
def test_ctrl_c_ends_a_close_that_waits(run: Run) -> None:
    """The peer does not answer: Ctrl-C ends the waiting at once, and all is let go of."""
    out = run(
        """
        import socket
        from longwire.testing import FeedThread

        with FeedThread() as mute:
            client = longwire.sync.connect(mute.url, close_timeout=3600).__enter__()
            client.wait_live(10)
            link = mute.do(lambda it: it.links[0])
            mute.do(lambda _: link.freeze())
            assert interrupted(client.close)
            while client.state != "closed" or threading.active_count() > 2:
                time.sleep(0.01)
        print(client.state)
        """
    )
    assert out == "closed\n"


@posix
def test_handlers_run_while_a_call_waits(run: Run) -> None:
    """SIGTERM's handler runs at once; what it raises comes out of the call, else that goes on."""
    out = run(
        """
        def on_term(number, frame):
            print("term", flush=True)
            if len(sys.argv) > 1:
                sys.exit(7)

        signal.signal(signal.SIGTERM, on_term)
        with longwire.sync.connect("ws://127.0.0.1:1/") as client:
            interrupt_soon(signal.SIGTERM)
            try:
                client.recv(1.0)
            except TimeoutError:
                print("in time", flush=True)
            sys.argv.append("raise")
            interrupt_soon(signal.SIGTERM)
            client.recv()
        """,
        code=7,
    )
    assert out == "term\nin time\nterm\n"


@needs_fork
def test_a_forked_child_has_no_client(run: Run) -> None:
    """An inherited client says so, whatever it is asked; it can be closed; a new one works."""
    out = run(
        """
        with longwire.sync.connect(URL, on_interruption=print) as client:
            client.recv(10)
            child = os.fork()
            if child == 0:
                try:
                    for name, call in {
                        "recv": client.recv,
                        "iterate": lambda: list(client),
                        "batches": lambda: list(client.batches()),
                        "send": lambda: client.send("x"),
                        "ping": client.ping,
                        "wait_live": client.wait_live,
                        "stats": client.stats,
                    }.items():
                        try:
                            call()
                        except longwire.LongwireError as error:
                            assert "forked" in str(error), error
                            assert "with longwire.sync.connect" in error.hint, error.hint
                        else:
                            print(name, "went well", flush=True)
                    print(client.state, flush=True)
                    client.close()
                    with longwire.sync.connect(URL) as own:
                        print("own:", type(own.recv(10)).__name__, flush=True)
                finally:
                    os._exit(0)
            print("child:", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
            for _ in range(50):
                client.recv(10)
            assert client.stats().links == 1
        """
    )
    assert out.splitlines() == ["closed", "own: str", "child: 0"]


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("pass", 0),
        ("sys.exit(3)", 3),
        ("threading.Thread(target=lambda: list(client), daemon=True).start()", 0),
    ],
    ids=["end", "exit", "thread"],
)
def test_an_interpreter_that_ends_with_a_live_client(
    run: Run, feed: Any, ending: str, code: int
) -> None:
    """Nobody closes it: the interpreter ends all the same, without a word, and the link with it."""
    run(
        f"""
        client = longwire.sync.connect(URL, on_interruption=print).__enter__()
        client.recv(10)
        {ending}
        """,
        code=code,
    )
    link = feed.wait(lambda numbered: numbered.attempt(1))
    feed.wait(lambda _: link.wait_ended())
