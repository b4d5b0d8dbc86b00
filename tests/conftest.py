"""Fixtures that every test gets, and some that tests ask for.

Every test runs under two guards: no blocking call inside a running event loop (marker ``blocking``
switches that off), and no task, timer or thread left behind (marker ``leaky``).
"""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import ssl
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import trustme
from blockbuster import blockbuster_ctx
from hypothesis import strategies as st

from longwire.client import isolation
from longwire.link.compiled import COMPILED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    LoopFactory = Callable[[], asyncio.AbstractEventLoop]

THREAD_GRACE = 5.0
"""Seconds that a thread which is about to end may take for it."""

_WANTED = re.compile(r"Skipped: needs (\S+): ")
"""How a test says which tool it was skipped for (`tests/interop/needs.py`)."""

THREADS_BEFORE = pytest.StashKey[set[threading.Thread]]()

# No test depends on the speed of the machine, so no example has a deadline.
hypothesis.settings.register_profile("longwire", deadline=None)
hypothesis.settings.load_profile("longwire")


@pytest.hookimpl(trylast=True)  # Hypothesis minds it before its own
def pytest_sessionstart(session: pytest.Session) -> None:
    """Hypothesis's table of all characters is made before the workers start, and kept in a file.

    In a fresh clone each worker would make its own, within a test's time: seconds alone, and more
    than a test may take where all of them do it at once under the tracer of coverage.
    """
    if not hasattr(session.config, "workerinput"):
        st.text().validate()


# ---------------------------------------------------------------- event loops


def _uvloop() -> asyncio.AbstractEventLoop:
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


ON_EVERY_ENGINE = {"test_conformance.py", "test_transport.py", "test_sample.py"}
"""Tests that the uncompiled form, too, must pass on every engine: the contract of a link, the
engines themselves, and the sample that this very file is tried on."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Uncompiled, all other tests run on asyncio's loop and transports only.

    The compiled form runs them on all. What is ours does not depend on who brings the bytes, and
    the same on three engines takes minutes.
    """
    if COMPILED:
        return
    others = [item for item in items if _is_on_another_engine(item)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


def _is_on_another_engine(item: pytest.Item) -> bool:
    if item.path.name in ON_EVERY_ENGINE or not isinstance(item, pytest.Function):
        return False
    return bool({"uvloop", "aiofastnet"} & set(item.name.partition("[")[2][:-1].split("-")))


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, LoopFactory]:
    """asyncio's own event loop, and uvloop's too for tests marked ``both_loops``."""
    if item.get_closest_marker("both_loops"):
        return {"asyncio": asyncio.new_event_loop, "uvloop": _uvloop}
    return {"asyncio": asyncio.new_event_loop}


# ---------------------------------------------------------------- guards


@pytest.fixture(autouse=True)
def no_blocking(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a blocking call that longwire makes, or lets be made, inside a running event loop."""
    if request.node.get_closest_marker("blocking"):
        yield
        return
    with blockbuster_ctx("longwire") as guard:
        # The I/O thread and the user's loop share queues; a lock guards them for microseconds.
        guard.functions["threading.Lock.acquire"].deactivate()
        yield


@pytest.fixture(autouse=True)
def threads_before(request: pytest.FixtureRequest) -> None:
    """Remembers the threads there before the test, those of module fixtures among them."""
    request.node.stash[THREADS_BEFORE] = set(threading.enumerate())


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the I/O thread end soon after the last client, so that no test must wait for it."""
    monkeypatch.setattr(isolation, "GRACE", 0.05)


@pytest.fixture(autouse=True)
def no_proxy_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the proxies of the machine that runs the tests out of the environment."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that leaves a thread: one of longwire's, or any that is not a daemon.

    A hook, not a fixture: it looks when the test's event loop is closed, and its executor gone.
    """
    yield
    before = item.stash.get(THREADS_BEFORE, None)
    if before is None or item.get_closest_marker("leaky"):
        return
    left = [thread for thread in threading.enumerate() if thread not in before and _counts(thread)]
    for thread in left:
        thread.join(THREAD_GRACE)
    names = [thread.name for thread in left if thread.is_alive()]
    assert not names, f"threads left behind: {names}"


def _counts(thread: threading.Thread) -> bool:
    return not thread.daemon or thread.name.startswith("longwire")


@pytest.fixture(autouse=True)
def no_tasks_left(request: pytest.FixtureRequest) -> None:
    """Fails an asynchronous test that leaves a task, or a timer of longwire's."""
    function = getattr(request, "function", None)
    if inspect.iscoroutinefunction(function) and not request.node.get_closest_marker("leaky"):
        request.getfixturevalue("_tasks_and_timers")


@pytest.fixture
async def _tasks_and_timers() -> AsyncIterator[None]:
    yield
    # What has been cancelled or closed needs a turn of the loop to be told so, and one to go.
    for _ in range(2):
        await asyncio.sleep(0)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    assert not tasks, f"tasks left behind: {tasks}"
    timers = [handle for handle in _timers(asyncio.get_running_loop()) if _is_ours(handle)]
    assert not timers, f"timers left behind: {timers}"


def _timers(loop: asyncio.AbstractEventLoop) -> list[asyncio.TimerHandle]:
    # asyncio's own loop only; uvloop does not show its timers.
    scheduled: list[asyncio.TimerHandle] = getattr(loop, "_scheduled", [])
    return [handle for handle in scheduled if not handle.cancelled()]


def _is_ours(handle: asyncio.TimerHandle) -> bool:
    callback: Any = getattr(handle, "_callback", None)
    owner = getattr(callback, "__self__", None)
    module = type(owner).__module__ if owner is not None else getattr(callback, "__module__", "")
    return str(module).partition(".")[0] == "longwire"


# ---------------------------------------------------------------- what was skipped


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count, behind all else, the tests that were skipped for want of a tool."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    tools = Counter(found[1] for found in map(_WANTED.search, reasons) if found)
    told = ", ".join(f"{tool}: {count}" for tool, count in sorted(tools.items())) or "none"
    terminalreporter.write_line(f"skipped for want of a tool: {told}")


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="session")
def certificate_authority() -> trustme.CA:
    """A certificate authority that only this run of the tests knows."""
    return trustme.CA()


@pytest.fixture
def server_tls(certificate_authority: trustme.CA) -> ssl.SSLContext:
    """The context of a server whose certificate is good for localhost, 127.0.0.1 and ::1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate_authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    return context


@pytest.fixture
def client_tls(certificate_authority: trustme.CA) -> ssl.SSLContext:
    """The context of a client that trusts the authority, and verifies as any client should."""
    context = ssl.create_default_context()
    certificate_authority.configure_trust(context)
    return context
