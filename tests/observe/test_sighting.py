"""What several looks have in common."""

from __future__ import annotations

import os

from longwire.observe.sighting import NOWHERE, excerpt, sum_up
from longwire.observe.stack import Frame, Sample

LIBRARY = Frame(os.__file__, 5, "read")


def mine(function: str, line: int = 1) -> Frame:
    """A call of the user's."""
    return Frame("/home/me/feed.py", line, function)


def sample(*frames: Frame, task: str | None = None) -> Sample:
    return Sample(frames, task)


def test_no_look_at_all() -> None:
    """Nothing seen is no place, and can be told."""
    assert sum_up([]) == NOWHERE
    assert str(NOWHERE) == "a place unknown"


def test_a_call_that_all_looks_found() -> None:
    """The innermost of the user's, at its most frequent line, though a library's is inside."""
    seen = sum_up(
        [
            sample(LIBRARY, mine("fetch", 3), mine("main"), task="feed"),
            sample(mine("fetch", 4), mine("main"), task="feed"),
            sample(LIBRARY, mine("fetch", 3), mine("main"), task="feed"),
        ]
    )
    assert seen.place == "home/me/feed.py:3 in fetch"
    assert (seen.among, seen.task, seen.samples) == ((), "feed", 3)
    assert seen.stack == (
        "home/me/feed.py:3 in fetch",
        "home/me/feed.py:1 in main",
        "os.py:5 in read",
    )
    assert str(seen) == "home/me/feed.py:3 in fetch, in task 'feed'"


def test_a_spin_between_calls() -> None:
    """The call that they have in common is named, and what it goes to and fro between."""
    seen = sum_up([sample(mine(name), mine("spin", 9)) for name in ("left", "right", "left")])
    assert seen.place == "home/me/feed.py:9 in spin"
    assert seen.among == (
        "home/me/feed.py:1 in left (2 of 3)",
        "home/me/feed.py:1 in right (1 of 3)",
    )
    assert "in turn at home/me/feed.py:1 in left (2 of 3)" in str(seen)


def test_nothing_in_common() -> None:
    """What most of the looks found is better than nothing."""
    looks = [sample(mine("one")), sample(mine("two")), sample(mine("two"))]
    assert sum_up(looks).place == "home/me/feed.py:1 in two"


def test_nothing_of_the_users() -> None:
    """A library's place is better than none; and no Python code at all is no place."""
    assert sum_up([sample(LIBRARY), sample(LIBRARY)]).place == "os.py:5 in read"
    assert sum_up([sample()]).place is None


def test_an_excerpt_is_bounded() -> None:
    """However deep the stack, a few lines are told, the user's first."""
    deep = [LIBRARY] * 1_000 + [mine(f"f{depth}") for depth in range(1_000)] + [LIBRARY] * 9
    told = excerpt(deep)
    assert len(told) == 12
    assert told[0] == "home/me/feed.py:1 in f0"
    assert told[-1] == "os.py:5 in read"
