"""What is remembered of messages that were handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from longwire.core.recent import KEPT_BYTES, WINDOW, Recent, print_of

if TYPE_CHECKING:
    from longwire.core.sequence import Data


def describe(message: Data) -> tuple[str | None, int] | None:
    """``"stream:number:anything"``; a message without colons has no number."""
    stream, _, rest = str(message).partition(":")
    return (stream, int(rest.partition(":")[0])) if rest else None


def test_a_message_is_found_by_its_number() -> None:
    """The latest that had it; none without a number, and none of another stream."""
    recent = Recent(describe)
    recent.note(["a:1:x", "b:1:y", "none", "a:2:z"], 20)
    assert recent.find("a", 1) == "a:1:x"
    recent.note(["a:1:other"], 9)
    assert (recent.find("a", 1), recent.find("b", 1)) == ("a:1:other", "b:1:y")
    assert (recent.find("a", 3), recent.find("c", 1)) == (None, None)


def test_a_copy_is_kept() -> None:
    """Who takes messages one by one empties the list that was handed over."""
    recent = Recent(describe)
    batch: list[Any] = ["a:1:x", "a:2:x"]
    recent.note(batch, 10)
    batch[:] = [None, None]
    assert recent.find("a", 1) == "a:1:x"


def test_a_large_message_is_told_by_length_and_hash() -> None:
    """It is not kept itself."""
    recent = Recent(describe)
    large = "a:1:" + "x" * 10_000
    recent.note([large], len(large))
    assert recent.find("a", 1) == print_of(large) == (len(large), hash(large))
    assert print_of(large[:-1] + "y") != print_of(large)


def test_what_came_before_a_new_numbering_is_forgotten() -> None:
    """For that stream alone."""
    recent = Recent(describe)
    recent.note(["a:1:x", "b:1:x"], 10)
    recent.forget("a")
    recent.note(["a:2:x"], 5)
    assert [recent.find("a", 1), recent.find("a", 2), recent.find("b", 1)] == [
        None,
        "a:2:x",
        "b:1:x",
    ]


def test_new_numberings_take_no_room_for_ever() -> None:
    """Streams that begin anew on every link, with names that never come again."""
    recent = Recent(describe)
    for number in range(5 * WINDOW):
        recent.forget(str(number))
        recent.note([f"{number}:1:x"], 10)
    assert len(recent._begun) <= 2 * WINDOW + 1


@given(st.lists(st.tuples(st.integers(1, 700), st.booleans()), max_size=25))
def test_the_last_ones_are_remembered(steps: list[tuple[int, bool]]) -> None:
    """Exactly so many, in whatever portions they came and whenever somebody asked."""
    recent = Recent(describe)
    count = 0
    for portion, ask in steps:
        recent.note([f"a:{number}:x" for number in range(count, count + portion)], portion * 10)
        count += portion
        if ask:
            assert recent.find("a", count - 1) is not None
    oldest = max(0, count - WINDOW)
    found = [number for number in range(count) if recent.find("a", number) is not None]
    assert found == list(range(oldest, count))


@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.sampled_from([10, 5_000, 200_000, 2_000_000])),
        max_size=10,
    )
)
def test_it_is_bounded_in_bytes(steps: list[tuple[int, int]]) -> None:
    """Large messages are remembered in smaller numbers, or not at all."""
    recent = Recent(describe)
    text = "x" * 2_000_000
    number = 0
    for count, size in steps:
        batch: list[Data] = [f"a:{number + at}:{text[:size]}" for at in range(count)]
        number += count
        recent.note(batch, sum(map(len, batch)))
        assert sum(map(len, recent._fresh)) <= KEPT_BYTES
    recent.find("a", 0)
    assert len(recent._known) <= WINDOW
    assert all(not isinstance(each, str) or len(each) < 300 for _, each in recent._known.values())
