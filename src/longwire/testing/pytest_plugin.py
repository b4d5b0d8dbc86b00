"""Fixtures for tests of programs that receive: ``pytest -p longwire.testing.pytest_plugin``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from longwire.chaos.proxy import Proxy
from longwire.chaos.replay import Replay
from longwire.testing.clock import run_autojump
from longwire.testing.feed import NumberedFeed
from longwire.testing.thread import FeedThread, ServerThread

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from longwire.chaos.fault import Fault
    from longwire.chaos.strike import Strike


@pytest.fixture
def longwire_feed() -> Iterator[Callable[..., FeedThread]]:
    """Starts numbered feeds, each on its own thread.

    ``feed = longwire_feed(rate=100)`` takes what `NumberedFeed` takes. Works in tests with and
    without an event loop, and in tests that block theirs. All feeds are stopped after the test.
    """
    with contextlib.ExitStack() as running:

        def start(**options: Any) -> FeedThread:
            return running.enter_context(FeedThread(lambda: NumberedFeed(**options)))

        yield start


@pytest.fixture
def longwire_chaos() -> Iterator[Callable[..., ServerThread[Proxy]]]:
    """Starts chaos proxies, each on its own thread.

    ``proxy = longwire_chaos(url, "reset after='100 messages'")`` takes the server's URL, any number
    of strikes, and by name what `longwire.chaos.Proxy` takes. ``proxy.do(lambda proxy:
    proxy.strike("close code=1012"))`` does something now. All are stopped after the test.
    """
    with contextlib.ExitStack() as running:

        def start(to: str, *strikes: str | Fault | Strike, **options: Any) -> ServerThread[Proxy]:
            return running.enter_context(ServerThread(lambda: Proxy(to, strikes, **options)))

        yield start


@pytest.fixture
def longwire_replay() -> Iterator[Callable[..., ServerThread[Replay]]]:
    """Serves recordings, each on its own thread.

    ``replay = longwire_replay("session.jsonl.gz", speed=10)`` takes what `longwire.chaos.Replay`
    takes; connect to ``replay.url``. All are stopped after the test.
    """
    with contextlib.ExitStack() as running:

        def start(path: str | os.PathLike[str], **options: Any) -> ServerThread[Replay]:
            return running.enter_context(ServerThread(lambda: Replay(path, **options)))

        yield start


@pytest.fixture
def longwire_autojump() -> Callable[..., Any]:
    """Run a coroutine in virtual time, see `run_autojump`."""
    return run_autojump
