"""Where a thread is in its code."""

from __future__ import annotations

import json
import queue
import threading
from typing import Any

import pytest

from longwire.observe.stack import innermost_place


@pytest.fixture
def elsewhere() -> Any:
    """Runs a function in a thread and gives its identifier once it is inside."""
    threads: list[threading.Thread] = []
    release = threading.Event()

    def start(function: Any) -> int:
        inside: queue.SimpleQueue[int] = queue.SimpleQueue()

        def wait() -> None:
            inside.put(threading.get_ident())
            release.wait()

        thread = threading.Thread(target=function, args=(wait,))
        threads.append(thread)
        thread.start()
        return inside.get(timeout=10)

    yield start
    release.set()
    for thread in threads:
        thread.join()


def users_function(wait: Any) -> None:
    """What a user has written."""
    wait()


def test_a_thread_is_found_in_its_users_code(elsewhere: Any) -> None:
    """File, line and function, not the standard library's inside of it."""
    place = innermost_place(elsewhere(users_function))
    assert place is not None
    assert "test_stack.py:" in place
    assert place.endswith("in elsewhere.<locals>.start.<locals>.wait")
    assert "threading.py" not in place


def test_the_innermost_of_the_users_frames_is_named(elsewhere: Any) -> None:
    """Library code between two frames of the user's does not hide the inner one."""

    def through_a_library(wait: Any) -> None:
        def hook(_: Any) -> None:
            wait()

        json.loads("{}", object_hook=hook)

    place = innermost_place(elsewhere(through_a_library))
    assert place is not None
    assert place.endswith("wait")


def test_a_thread_with_nothing_but_library_code() -> None:
    """Better the library's place than none."""
    event = threading.Event()
    thread = threading.Thread(target=event.wait)
    thread.start()
    try:
        place = innermost_place(thread.ident)
        assert place is not None
        assert "threading.py" in place or "site-packages" in place
    finally:
        event.set()
        thread.join()


def test_no_such_thread() -> None:
    """Unknown, or gone meanwhile: None, and no error in the middle of a report."""
    assert innermost_place(None) is None
    assert innermost_place(-1) is None
