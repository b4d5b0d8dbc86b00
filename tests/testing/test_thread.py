"""A feed on its own thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from websockets.sync.client import connect

from longwire.testing import FeedThread, NumberedFeed, number_of

if TYPE_CHECKING:
    from collections.abc import Callable

pytest_plugins = ["longwire.testing.pytest_plugin"]


def test_code_without_a_loop_can_use_it() -> None:
    """A blocking client receives what the thread emits."""
    with FeedThread() as feed, connect(feed.url, proxy=None) as client:
        feed.wait(lambda feed: feed.link())
        assert feed.do(lambda feed: feed.emit(2)) == range(2)
        assert [number_of(client.recv()), number_of(client.recv())] == [0, 1]


def test_no_thread_is_left() -> None:
    """Neither after a good end, nor after an error inside, nor when it cannot start."""
    before = threading.enumerate()
    with pytest.raises(ZeroDivisionError), FeedThread() as feed:
        feed.do(lambda _feed: 1 // 0)
    with pytest.raises(OSError, match=r".*"), FeedThread(lambda: NumberedFeed(host="192.0.2.1")):
        pass
    assert threading.enumerate() == before


def test_work_has_a_deadline() -> None:
    """What does not come is a `TimeoutError`."""
    with FeedThread() as feed, pytest.raises(TimeoutError):
        feed.wait(lambda feed: feed.link(timeout=0.01))


def test_the_fixture_starts_feeds(longwire_feed: Callable[..., FeedThread]) -> None:
    """The plugin's fixture takes the feed's options."""
    feed = longwire_feed(rate=500)
    other = longwire_feed()
    assert feed.url != other.url
    with connect(feed.url, proxy=None) as client:
        assert number_of(client.recv()) is not None


def test_the_fixture_jumps(longwire_autojump: Callable[..., object]) -> None:
    """The plugin's other fixture runs a coroutine in virtual time."""

    async def main() -> str:
        return "done"

    assert longwire_autojump(main()) == "done"
