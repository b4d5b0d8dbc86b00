"""Following the numbers of streams: gaps, repeats, restarts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.core.sequence import Data, Gap, Restarts, Sequence
from longwire.core.tracker import REPEAT, Tracker

if TYPE_CHECKING:
    from collections.abc import Callable


def number_of(message: Data) -> int | None:
    """The number after the colon of ``"stream:number"``, None where there is none."""
    number = str(message).partition(":")[2]
    return int(number) if number else None


def stream_of(message: Data) -> str:
    return str(message).partition(":")[0]


def one_stream(restarts: Restarts = "detect") -> Tracker:
    return Tracker(Sequence(number_of, restarts=restarts))


def many_streams(restarts: Restarts = "detect", max_streams: int = 1000) -> Tracker:
    return Tracker(Sequence(number_of, stream_of, restarts=restarts, max_streams=max_streams))


def missing(first: int, last: int, stream: str | None = None) -> Gap:
    return Gap(kind="sequence", stream=stream, first=first, last=last, count=last - first + 1)


def restart(stream: str | None = None) -> Gap:
    return Gap(kind="restart", stream=stream)


def feed(*numbers: int | None) -> list[Data]:
    return [":" if number is None else f":{number}" for number in numbers]


def handed_over(tracker: Tracker, messages: list[Data]) -> list[Data | Gap]:
    """What the caller hands over for a batch."""
    checked = tracker.check_batch(messages)
    return list(messages) if checked is None else checked


def one_by_one(tracker: Tracker, messages: list[Data]) -> list[Data | Gap]:
    """The same by `Tracker.check`."""
    result: list[Data | Gap] = []
    for message in messages:
        verdict = tracker.check(message)
        if verdict is REPEAT:
            continue
        if isinstance(verdict, Gap):
            result.append(verdict)
        result.append(message)
    return result


def counts(tracker: Tracker) -> tuple[int, ...]:
    return (
        tracker.missing,
        tracker.repeated,
        tracker.restarted,
        tracker.forgotten,
        tracker.unreadable,
    )


# ---------------------------------------------------------------- single cases


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param([7, 8, 9], [":7", ":8", ":9"], id="contiguous, from wherever it begins"),
        pytest.param([7, 8, None, 9], [":7", ":8", ":", ":9"], id="unnumbered messages pass"),
        pytest.param([1, 5], [":1", missing(2, 4), ":5"], id="a gap comes before what revealed it"),
        pytest.param([1, 3], [":1", missing(2, 2), ":3"], id="a gap of one"),
        pytest.param([1, 2, 3, 2, 3, 4], [":1", ":2", ":3", ":4"], id="repeats are dropped"),
        pytest.param([1, 1, 2], [":1", ":2"], id="the first one twice"),
        pytest.param([1, 4, 3, 5], [":1", missing(2, 3), ":4", ":5"], id="too late is too late"),
        pytest.param(
            [1000, 1001, 1, 2], [":1000", ":1001", restart(), ":1", ":2"], id="never seen: restart"
        ),
        pytest.param([1, 2, 1, 2], [":1", ":2", restart(), ":1", ":2"], id="the base again"),
        pytest.param([-3, -2, 0], [":-3", ":-2", missing(-1, -1), ":0"], id="negative numbers"),
    ],
)
def test_one_stream(numbers: list[int | None], expected: list[Data | Gap]) -> None:
    """The documented semantics, for a batch and message by message."""
    assert handed_over(one_stream(), feed(*numbers)) == expected
    assert one_by_one(one_stream(), feed(*numbers)) == expected


def test_a_contiguous_batch_is_not_touched() -> None:
    """The hot path answers None, and the caller hands over the very list; also the first time."""
    for tracker in (one_stream(), many_streams()):
        assert tracker.check_batch(feed(1, 2, None, 3)) is None
        assert tracker.check_batch(feed(4, 5)) is None
        assert tracker.check_batch([]) is None
        assert tracker.check_batch(feed(None)) is None
        assert tracker.check_batch(feed(7)) == [missing(6, 6, tracker_name(tracker)), ":7"]


@pytest.mark.parametrize("stream", [None, stream_of])
def test_the_hot_path_asks_once(stream: Callable[[Data], str] | None) -> None:
    """In a contiguous batch the user's function is called once per message."""
    asked: list[Data] = []

    def number(message: Data) -> int | None:
        asked.append(message)
        return number_of(message)

    tracker = Tracker(Sequence(number, stream))
    tracker.check_batch(feed(1))
    asked.clear()
    batch = feed(2, None, 3, 4)
    assert tracker.check_batch(batch) is None
    assert asked == batch


class Counting:
    """Fields that count how often a message had to be read by itself."""

    def __init__(self) -> None:
        self.asked = 0

    def number(self, message: Data) -> int | None:
        self.asked += 1
        return number_of(message)

    def stream(self, message: Data) -> str:
        return stream_of(message)

    def count_good(self, messages: list[Data], last: dict[str | None, int]) -> int:
        """What the compiled form does."""
        good = 0
        for message in messages:
            number = number_of(message)
            if number is not None and number != last.get(None, -2) + 1:
                break
            if number is not None:
                last[None] = number
            good += 1
        return good


def test_a_gap_does_not_make_the_rest_of_a_batch_slow() -> None:
    """The fast way is tried again behind it; and rarely where nearly all messages are odd."""
    fields = Counting()
    tracker = Tracker(Sequence("n"), fields)
    numbers = [number for number in range(20_000) if number % 1_000]
    assert len(handed_over(tracker, feed(*numbers))) == len(numbers) + 19
    assert fields.asked < 200
    scanned = 0
    odd = feed(*range(20_000, 40_000, 2))

    class Scanning(Counting):
        def count_good(self, messages: list[Data], last: dict[str | None, int]) -> int:
            nonlocal scanned
            scanned += len(messages)
            return super().count_good(messages, last)

    tracker = Tracker(Sequence("n"), Scanning())
    assert len(handed_over(tracker, odd)) == 2 * len(odd) - 1
    assert scanned < 20 * len(odd)


def tracker_name(tracker: Tracker) -> str | None:
    return None if tracker._sequence.stream is None else ""


def test_streams_are_apart() -> None:
    """Each stream has its own numbers; its name is in its gaps."""
    tracker = many_streams()
    assert tracker.check_batch(["a:1", "b:7", "a:2", "b:8"]) is None
    assert tracker.check_batch(["a:3", "b:10", "a:4"]) == [
        "a:3",
        missing(9, 9, "b"),
        "b:10",
        "a:4",
    ]
    assert counts(tracker) == (1, 0, 0, 0, 0)


def test_a_gap_across_links() -> None:
    """What the feed sent while there was no link is told with the first number of the new one."""
    tracker = one_stream()
    assert tracker.check_batch(feed(1, 2, 3)) is None
    tracker.new_link()
    assert tracker.check_batch(feed(6, 7)) == [missing(4, 5), ":6", ":7"]


def test_a_replay_on_a_new_link_is_not_handed_over_twice() -> None:
    """A feed that repeats its recent messages after a reconnect closes the gap by itself."""
    tracker = one_stream()
    assert tracker.check_batch(feed(1, 2, 3)) is None
    tracker.new_link()
    assert tracker.check_batch(feed(2, 3, 4)) == [":4"]
    assert tracker.repeated == 2


def test_a_restart_on_a_new_link() -> None:
    """The first number again, first thing on a new link, is a numbering begun anew."""
    tracker = one_stream()
    assert tracker.check_batch(feed(0)) is None
    tracker.new_link()
    assert tracker.check_batch(feed(0, 0, 1)) == [restart(), ":0", ":1"]
    assert counts(tracker) == (0, 1, 1, 0, 0)
    tracker.new_link()
    assert tracker.check_batch(feed(0, 1, 2)) == [restart(), ":0", ":1", ":2"]


def test_numbers_per_link() -> None:
    """With restarts="each-link" every stream begins anew with a link, and says so."""
    tracker = many_streams("each-link")
    assert tracker.check_batch(["a:1", "a:2", "b:1"]) is None
    tracker.new_link()
    assert tracker.check_batch(["a:3", "a:4"]) == [restart("a"), "a:3", "a:4"]
    tracker.new_link()
    tracker.new_link()
    assert tracker.check_batch(["b:2", "c:1", "a:1"]) == [
        restart("b"),
        "b:2",
        "c:1",
        restart("a"),
        "a:1",
    ]
    assert tracker.check_batch(["a:2", "b:3", "c:2"]) is None


def test_numbers_that_never_restart() -> None:
    """With restarts="never" a replay from the very beginning is a repeat, all of it."""
    tracker = one_stream("never")
    assert tracker.check_batch(feed(5, 6)) is None
    tracker.new_link()
    assert tracker.check_batch(feed(1, 5, 6, 7)) == [":7"]
    assert counts(tracker) == (0, 3, 0, 0, 0)


def test_too_many_streams() -> None:
    """Beyond the limit the stream first seen is forgotten; the memory stays bounded."""
    tracker = many_streams(max_streams=2)
    tracker.new_link()
    assert tracker.check_batch(["a:1", "b:1", "c:1", "b:2", "c:2"]) is None
    assert tracker.forgotten == 1
    assert tracker.check_batch(["a:9"]) is None
    assert tracker.forgotten == 2
    for number in range(1000):
        assert tracker.check_batch([f"stream{number}:1"]) is None
    tracker.new_link()
    assert all(len(known) <= 2 for known in (tracker._base, tracker._last, tracker._link_began))


@pytest.mark.parametrize("odd", ["a:b", "no number here: x"])
def test_an_odd_message_passes(odd: str) -> None:
    """A message on which the user's function raises is handed over, counted and explained."""
    tracker = many_streams()
    assert tracker.check_batch(["a:1", odd, "a:2", "a:4"]) == [
        "a:1",
        odd,
        "a:2",
        missing(3, 3, "a"),
        "a:4",
    ]
    assert tracker.unreadable == 1
    assert isinstance(tracker.last_error, ValueError)
    tracker.last_error = None
    assert tracker.check_batch([odd]) is None
    assert tracker.unreadable == 2
    assert isinstance(tracker.last_error, ValueError)


def test_a_number_that_is_none() -> None:
    """A user's function that gives text instead of a number is found out, not trusted."""
    tracker = Tracker(Sequence(str))  # type: ignore[arg-type]  # the very thing tested
    assert tracker.check_batch(["1", "2"]) is None
    assert tracker.unreadable == 2
    assert "must give an int or None" in str(tracker.last_error)


def test_binary_messages() -> None:
    """The functions get the message as it came."""
    tracker = Tracker(Sequence(lambda message: json.loads(message)["n"]))
    assert tracker.check_batch([b'{"n": 1}', '{"n": 3}']) == [
        b'{"n": 1}',
        missing(2, 2),
        '{"n": 3}',
    ]


# ---------------------------------------------------------------- anything

events = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 12)),
        st.just("new link"),
        st.just("hand over"),
    ),
    max_size=60,
)
restart_rules = st.sampled_from(["detect", "each-link", "never"])


@given(events, restart_rules, st.booleans(), st.integers(1, 4))
def test_batches_and_single_messages_agree(
    steps: list[Any], restarts: Restarts, streams: bool, max_streams: int
) -> None:
    """However the messages are cut into batches, the same is handed over and counted."""

    def make() -> Tracker:
        stream = stream_of if streams else None
        return Tracker(Sequence(number_of, stream, restarts=restarts, max_streams=max_streams))

    batched, single = make(), make()
    results: list[Data | Gap] = []
    expected: list[Data | Gap] = []
    waiting: list[Data] = []
    for what in [*steps, "hand over"]:
        if isinstance(what, tuple):
            name, number = what
            waiting.append(f"{name}:" if number is None else f"{name}:{number}")
            continue
        results += handed_over(batched, waiting)
        expected += one_by_one(single, waiting)
        waiting = []
        if what == "new link":
            batched.new_link()
            single.new_link()
    assert results == expected
    assert counts(batched) == counts(single)


@given(st.lists(st.integers(0, 40), max_size=60), st.sets(st.integers(0, 60)))
def test_what_is_handed_over_is_whole(numbers: list[int], cuts: set[int]) -> None:
    """Messages and gaps together are every number from the first on, once, in order."""
    tracker = one_stream("never")
    told: list[int] = []
    received = 0
    for position, number in enumerate(numbers):
        if position in cuts:
            tracker.new_link()
        received += 1
        for item in handed_over(tracker, feed(number)):
            if isinstance(item, Gap):
                assert item.first is not None
                assert item.last is not None
                assert item.count == item.last - item.first + 1 > 0
                told += range(item.first, item.last + 1)
            else:
                told.append(int(str(item)[1:]))
    if numbers:
        assert told == list(range(numbers[0], max(numbers) + 1))
    assert received == len(told) - tracker.missing + tracker.repeated


@given(st.lists(st.integers(0, 8) | st.none(), max_size=60), st.sets(st.integers(0, 60)))
def test_nothing_unseen_is_dropped(numbers: list[int | None], cuts: set[int]) -> None:
    """A message is dropped only if its number was handed over, or told as missing, since the last
    restart; each message is handed over or counted."""
    tracker = one_stream()
    seen: set[int] = set()
    delivered = 0
    for position, number in enumerate(numbers):
        if position in cuts:
            tracker.new_link()
        items = handed_over(tracker, feed(number))
        if restart() in items:
            seen.clear()
        for item in items:
            if isinstance(item, Gap) and item.first is not None and item.last is not None:
                seen.update(range(item.first, item.last + 1))
        if not items:
            assert number in seen
        else:
            delivered += 1
            if number is not None:
                seen.add(number)
    assert delivered + tracker.repeated == len(numbers)
