"""Filling gaps: what a refill brought, put in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from longwire.core.sequence import Data, Gap, Sequence
from longwire.core.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable

RESTART = Gap(kind="restart")


def number_of(message: Data) -> int | None:
    """The number after the colon of ``"stream:number"``, None where there is none."""
    number = str(message).partition(":")[2]
    return int(number) if number else None


def stream_of(message: Data) -> str:
    return str(message).partition(":")[0]


def tracker(stream: Callable[[Data], str] | None = None) -> Tracker:
    return Tracker(Sequence(number_of, stream))


def missing(first: int, last: int, stream: str | None = None) -> Gap:
    return Gap(kind="sequence", stream=stream, first=first, last=last, count=last - first + 1)


def test_a_refill_that_brings_all() -> None:
    """The missing messages, in order, whatever order and company they came in."""
    following = tracker(stream_of)
    gap = missing(3, 5, "a")
    brought = ["a:6", "a:5", "b:4", "a:3", "a:4", "a:4", "a:", "a:x", "a:2"]
    assert following.refilled(gap, brought) == ["a:3", "a:4", "a:5"]
    assert following.unreadable == 1
    assert isinstance(following.last_error, ValueError)


def test_a_refill_that_brings_nothing() -> None:
    """A refill that failed leaves the gap, under its own kind."""
    gap = missing(3, 5)
    assert tracker().refilled(gap, []) == [Gap(kind="refill-failed", first=3, last=5, count=3)]


def test_a_gap_without_numbers_cannot_be_refilled() -> None:
    """After a restart nobody knows what is missing, so nothing can be said to fill it."""
    assert tracker().refilled(RESTART, [":1"]) == [RESTART]


@given(st.integers(-5, 20), st.integers(1, 12), st.lists(st.integers(-10, 40), max_size=30))
def test_a_partial_refill_is_exact(first: int, count: int, brought: list[int]) -> None:
    """What came stands in its place, and every hole that is left is told exactly."""
    gap = missing(first, first + count - 1)
    told: list[int] = []
    kept: list[int] = []
    previous: Data | Gap | None = None
    for item in tracker().refilled(gap, [f":{number}" for number in brought]):
        if isinstance(item, Gap):
            assert (item.kind, item.stream) == ("refill-failed", None)
            assert not isinstance(previous, Gap)
            assert item.first is not None
            assert item.last is not None
            assert item.count == item.last - item.first + 1
            told += range(item.first, item.last + 1)
        else:
            kept.append(int(str(item)[1:]))
            told.append(kept[-1])
        previous = item
    wanted = list(range(first, first + count))
    assert told == wanted
    assert kept == sorted(set(brought) & set(wanted))
