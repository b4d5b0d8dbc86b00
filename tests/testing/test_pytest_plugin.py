"""The fixtures that the plugin brings, and a project that uses it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from longwire.chaos.frames import TEXT
from longwire.testing import FeedThread, ServerThread, number_of
from tests.chaos.recordings import opening, seen, write_recording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from longwire.chaos import Proxy, Replay

pytest_plugins = ["longwire.testing.pytest_plugin", "pytester"]


def test_the_fixture_starts_feeds(longwire_feed: Callable[..., FeedThread]) -> None:
    """The plugin's fixture takes the feed's options."""
    feed = longwire_feed(rate=500)
    other = longwire_feed()
    assert feed.url != other.url
    with connect(feed.url, proxy=None) as client:
        assert number_of(client.recv()) is not None


def test_the_fixture_starts_proxies(
    longwire_feed: Callable[..., FeedThread], longwire_chaos: Callable[..., ServerThread[Proxy]]
) -> None:
    """With strikes, and with the proxy's options."""
    feed = longwire_feed(rate=500)
    proxy = longwire_chaos(feed.url, "reset after='3 messages'", seed=7)
    assert proxy.do(lambda proxy: proxy.seed) == 7
    with connect(proxy.url, proxy=None) as client:
        assert [number_of(client.recv()) is not None for _ in range(3)] == [True] * 3
        with pytest.raises(ConnectionClosedError):
            client.recv()


def test_the_fixture_serves_recordings(
    tmp_path: Path, longwire_replay: Callable[..., ServerThread[Replay]]
) -> None:
    """With the replay's options."""
    path = write_recording(tmp_path / "session", *opening(), seen(3_600_000, TEXT, b"later"))
    replay = longwire_replay(path, speed=math.inf)
    with connect(replay.url, proxy=None) as client:
        assert client.recv() == "later"
    replay.wait(lambda replay: replay.finished())


def test_the_fixture_jumps(longwire_autojump: Callable[..., object]) -> None:
    """The plugin's other fixture runs a coroutine in virtual time."""

    async def main() -> str:
        return "done"

    assert longwire_autojump(main()) == "done"


def test_the_feeds_are_stopped_after_the_test(pytester: pytest.Pytester) -> None:
    """In another project's test run, too, where nothing of ours looks for what is left."""
    pytester.makepyfile(
        """
        import threading

        KEPT = []


        def test_starts_two(longwire_feed):
            KEPT.extend([longwire_feed(), longwire_feed(rate=10)])
            assert all(feed.url.startswith("ws://") for feed in KEPT)


        def test_finds_none():
            assert len(KEPT) == 2
            assert threading.active_count() == 1
        """
    )
    run = pytester.runpytest_subprocess("-p", "longwire.testing.pytest_plugin", "-q")
    run.assert_outcomes(passed=2)
