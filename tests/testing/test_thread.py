"""A feed on its own thread."""

from __future__ import annotations

import threading

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from longwire.chaos import Proxy
from longwire.testing import FeedThread, NumberedFeed, ServerThread, number_of


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


def test_any_server_can_be_run_so() -> None:
    """A chaos proxy, whose strikes come from the blocking test."""
    with FeedThread() as feed, ServerThread(lambda: Proxy(feed.url)) as proxy:
        with connect(proxy.url, proxy=None) as client:
            feed.wait(lambda feed: feed.link())
            proxy.do(lambda proxy: proxy.strike("close code=1012"))
            with pytest.raises(ConnectionClosedError) as caught:
                client.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1012
