"""The fixtures that the plugin brings, and a project that uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from websockets.sync.client import connect

from longwire.testing import FeedThread, number_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

pytest_plugins = ["longwire.testing.pytest_plugin", "pytester"]


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
