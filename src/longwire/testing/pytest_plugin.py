"""Fixtures for tests of programs that receive: ``pytest -p longwire.testing.pytest_plugin``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from longwire.testing.clock import run_autojump
from longwire.testing.feed import NumberedFeed
from longwire.testing.thread import FeedThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
def longwire_autojump() -> Callable[..., Any]:
    """Run a coroutine in virtual time, see `run_autojump`."""
    return run_autojump
