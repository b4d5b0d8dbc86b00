"""Leaving out of a failing list whatever can be left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soak.shrink import shrunk


@given(st.lists(st.integers(0, 50), unique=True), st.data())
def test_what_is_needed_stays_and_nothing_else(items: list[int], data: st.DataObject) -> None:
    """In its order, wherever it stands."""
    needed = set(data.draw(st.lists(st.sampled_from(items), unique=True))) if items else set()
    result = shrunk(items, lambda part: needed <= set(part))
    assert result == [one for one in items if one in needed]


def test_no_single_item_can_be_left_out() -> None:
    """Also where it takes several of a kind to fail."""
    result = shrunk([1, 2] * 20, lambda part: part.count(1) >= 3 and 2 in part)
    assert sorted(result) == [1, 1, 1, 2]


def test_what_fails_only_at_times_is_kept_whole() -> None:
    """Better all of it than a part that does not fail."""
    assert shrunk([1, 2, 3], lambda _: False) == [1, 2, 3]
