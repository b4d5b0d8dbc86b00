"""What an inbox dropped is told once, as an overflow, and not again by the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from longwire.core.sequence import Data, Gap, Sequence
from longwire.core.tracker import PATIENCE, Tracker

if TYPE_CHECKING:
    from collections.abc import Callable


def number_of(message: Data) -> int | None:
    """The number after the colon of ``"stream:number"``, None where there is none."""
    number = str(message).partition(":")[2]
    return int(number) if number else None


def stream_of(message: Data) -> str:
    return str(message).partition(":")[0]


def tracker(stream: Callable[[Data], str] | None = None) -> Tracker:
    return Tracker(Sequence(number_of, stream))


def gap(first: int, last: int, count: int, stream: str | None = None) -> Gap:
    return Gap(kind="sequence", stream=stream, first=first, last=last, count=count)


def test_what_was_dropped_is_not_told_again() -> None:
    """The next gap is what the inbox has told of; what is left of it is told."""
    following = tracker()
    assert following.check_batch([":1"]) is None
    following.dropped(3)
    assert following.check_batch([":5", ":6"]) is None
    following.dropped(2)
    assert following.check_batch([":10"]) == [gap(7, 9, 1), ":10"]
    assert following.missing == 1


def test_it_explains_what_it_stands_in_front_of() -> None:
    """A later gap is another one, however many were dropped; a repeat is not what follows."""
    following = tracker()
    assert following.check_batch([":1", ":2"]) is None
    following.dropped(5)
    assert following.check_batch([":2", ":3", ":6"]) == [":3", gap(4, 5, 2), ":6"]
    following.dropped(5)
    assert following.check_batch([":", ":2", ":9"]) == [":", ":9"]
    assert following.check_batch([":12"]) == [gap(10, 11, 2), ":12"]


def test_one_overflow_may_be_of_several_streams() -> None:
    """The first gap of each is looked at, until all have gone on."""
    following = tracker(stream_of)
    assert following.check_batch(["a:1", "b:1", "c:1"]) is None
    following.dropped(3)
    assert following.check_batch(["a:2", "b:3", "a:4", "c:4"]) == [
        "a:2",
        "b:3",
        gap(3, 3, 1, "a"),
        "a:4",
        "c:4",
    ]
    assert following.check_batch(["b:5"]) == [gap(4, 4, 1, "b"), "b:5"]


def test_what_nothing_shows_is_forgotten() -> None:
    """A stream that never comes again, or messages without numbers: no loss hides behind them."""
    following = tracker(stream_of)
    assert following.check_batch(["a:0", "gone:0", "late:0"]) is None
    following.dropped(10)
    assert following.check_batch([f"a:{number}" for number in range(1, PATIENCE + 1)]) is None
    assert following.check_batch(["late:2"]) == [gap(1, 1, 1, "late"), "late:2"]


fates = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["came", "lost", "dropped", "link"])),
    max_size=60,
)


@given(fates, st.booleans(), st.booleans())
def test_every_loss_is_told_once(script: list[Any], streams: bool, batches: bool) -> None:
    """Received, told as dropped and told as missing are all that was sent, whatever was lost."""
    following = tracker(stream_of if streams else None)
    names = "abc" if streams else "a"
    sent = dict.fromkeys(names, 0)
    overflow = missing = received = 0
    waiting: list[Data] = []

    def hand_over() -> None:
        nonlocal missing, received
        checked = following.check_batch(waiting)
        for item in waiting if checked is None else checked:
            if isinstance(item, Gap):
                missing += item.count or 0
            else:
                received += 1
        waiting.clear()

    beginning = [(name, "came") for name in names]
    for stream, fate in [*beginning, *script, *beginning]:
        name = stream if streams else "a"
        if fate == "link":
            hand_over()
            following.new_link()
            continue
        sent[name] += 1
        if fate == "came":
            waiting.append(f"{name}:{sent[name]}")
            if not batches:
                hand_over()
        elif fate == "dropped":
            hand_over()
            following.dropped(1)
            overflow += 1
    hand_over()
    assert received + missing + overflow == sum(sent.values())
    assert missing == following.missing
