"""The shortest part of a list that still fails: delta debugging (Zeller and Hildebrandt, 2002)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def shrunk(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """Leave out whatever can be left out.

    Args:
        items: They fail.
        fails: Whether some of them, in their order, fail as well.

    Returns:
        A part that fails, of which no single item can be left out; all of it if it fails only at
        times.
    """
    left = list(items)
    size = len(left)
    while size:
        before = len(left)
        start = 0
        while start < len(left):
            without = left[:start] + left[start + size :]
            if fails(without):
                left = without
            else:
                start += size
        if size > 1 or len(left) == before:
            size //= 2
    return left
