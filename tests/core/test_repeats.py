"""Numbers that come again: replays are told from numberings that began anew, and from errors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from longwire.core.recent import WINDOW
from longwire.core.repeats import FAR, MANY
from longwire.core.sequence import Data, Gap, Restarts, Sequence
from longwire.core.tracker import REPEAT, Tracker


def number_of(message: Data) -> int | None:
    """The number in ``"stream:number:anything"``, None where there is none."""
    number = str(message).split(":")[1]
    return int(number) if number else None


def stream_of(message: Data) -> str:
    return str(message).split(":")[0]


def tracker(restarts: Restarts = "detect") -> Tracker:
    return Tracker(Sequence(number_of, restarts=restarts))


def texts(first: int, last: int, what: str = "first") -> list[Data]:
    """Messages of one stream, both numbers included."""
    return [f":{number}:{what}" for number in range(first, last + 1)]


def handed_over(following: Tracker, messages: list[Data]) -> list[Data | Gap]:
    checked = following.check_batch(messages)
    return list(messages) if checked is None else checked


def kinds(items: list[Data | Gap]) -> list[str]:
    return [item.kind for item in items if isinstance(item, Gap)]


RESTART = Gap(kind="restart")

# ---------------------------------------------------------------- restarts


def test_another_message_with_the_same_number_is_a_restart() -> None:
    """Also between the first and the last number, where a repeat would have its place."""
    following = tracker()
    handed_over(following, texts(1, 1000))
    following.new_link()
    again = texts(4, 899, "anew")
    assert handed_over(following, again) == [RESTART, *again]
    assert (following.repeated, following.restarted) == (0, 1)
    # And once more, on the same link; what is remembered is of the numbering of now.
    assert handed_over(following, texts(900, 905, "anew")) == texts(900, 905, "anew")
    third = texts(50, 60, "again")
    assert handed_over(following, third) == [RESTART, *third]
    assert handed_over(following, texts(55, 61, "again")) == texts(61, 61, "again")


def test_a_number_too_old_to_be_remembered_begins_a_new_numbering() -> None:
    """If it comes before the stream has gone on: a feed replays what is recent."""
    following = tracker()
    handed_over(following, texts(1, 5_000))
    following.new_link()
    assert handed_over(following, texts(5_000 - FAR + 1, 5_001)) == texts(5_001, 5_001)
    following.new_link()
    again = texts(5_001 - FAR, 5_001)
    assert handed_over(following, again) == [RESTART, *again]


def test_what_comes_late_on_a_link_is_no_restart() -> None:
    """A single old message again, or some, while the stream goes on."""
    following = tracker()
    handed_over(following, texts(1, 5_000))
    following.new_link()
    for number in range(5_001, 5_400):
        assert handed_over(following, texts(number, number)) == texts(number, number)
        assert handed_over(following, texts(number - 4_900, number - 4_900)) == []
    assert (following.repeated, following.restarted) == (399, 0)


def test_many_in_a_row_that_nobody_remembers_are_a_restart() -> None:
    """A numbering that begins anew in the middle of a link, far behind."""
    following = tracker()
    handed_over(following, texts(1, 5_000))
    again = texts(100, 2_000, "anew")
    assert handed_over(following, again) == [RESTART, *again[MANY - 1 :]]
    assert following.repeated == MANY - 1


@pytest.mark.parametrize("restarts", ["detect", "each-link", "never"])
def test_modes_keep_their_meaning(restarts: Restarts) -> None:
    """``never``: what comes again is a repeat. ``each-link``: a link begins anew, and says so."""
    following = tracker(restarts)
    handed_over(following, texts(1, 5_000))
    following.new_link()
    again = texts(2, 5_001, "anew")
    expected = {
        "detect": [RESTART, *again],
        "each-link": [RESTART, *again],
        "never": texts(5_001, 5_001, "anew"),
    }
    assert handed_over(following, again) == expected[restarts]


@given(st.integers(2, 3 * WINDOW), st.integers(1, WINDOW), st.integers(1, 50), st.data())
@settings(max_examples=25)
def test_a_replay_is_not_handed_over_twice(last: int, back: int, more: int, data: Any) -> None:
    """As far back as is remembered, in whatever portions, on however many links."""
    following = tracker()
    at = 0
    got: list[Data | Gap] = []
    sent = texts(1, last + more)
    while at < last:
        portion = data.draw(st.integers(1, last))
        got += handed_over(following, sent[at : min(last, at + portion)])
        at = min(last, at + portion)
    for _ in range(2):
        following.new_link()
        first = max(2, last - back + 1)
        got += handed_over(following, texts(first, last))
    got += handed_over(following, sent[last:])
    assert got == sent


# ---------------------------------------------------------------- errors


def test_a_far_number_does_not_blind() -> None:
    """The stream goes on where it was, and is followed there."""
    modes: tuple[Restarts, ...] = ("detect", "each-link", "never")
    for restarts in modes:
        following = tracker(restarts)
        got = handed_over(following, [*texts(1, 3), ":1000000000000000:", *texts(4, 500)])
        assert kinds(got) == ["sequence", "restart"]
        assert [item for item in got if not isinstance(item, Gap)] == [
            *texts(1, 3),
            ":1000000000000000:",
            *texts(4, 500),
        ]
        assert following.repeated == 0


def test_far_numbers_in_a_row_do_not_blind() -> None:
    """Nor with repeats between them, and what comes a little later goes on all the same."""
    following = tracker()
    far = [":1000000:", ":9000000000:", ":1000000000000:"]
    got = handed_over(following, [*texts(1, 3), *far, *texts(3, 3), *texts(6, 20)])
    assert kinds(got) == ["sequence"] * 3 + ["restart"]
    assert got[-15:] == texts(6, 20)


def test_a_far_jump_that_is_confirmed_is_none() -> None:
    """A long interruption of a fast feed: the numbers are far, and go on there."""
    following = tracker()
    handed_over(following, texts(1, 3))
    following.new_link()
    assert kinds(handed_over(following, texts(10_000, 10_005))) == ["sequence"]
    assert handed_over(following, texts(4, 10)) == []
    assert following.restarted == 0


@given(st.integers(1, 40), st.integers())
@example(20, 10**30)
@example(20, 0)
@example(20, 500)
@settings(max_examples=60)
def test_no_single_number_blinds(before: int, wrong: int) -> None:
    """Whatever it is: soon all is handed over again, and the books say that something was odd."""
    following = tracker()
    got = handed_over(following, [*texts(1, before), f":{wrong}:wrong"])
    after = texts(before + 1, before + FAR + MANY + 50)
    for message in after:
        got += handed_over(following, [message])
    assert got[-40:] == after[-40:]
    lost = set(after).difference(item for item in got if not isinstance(item, Gap))
    assert len(lost) <= FAR
    assert not lost or kinds(got)


# ---------------------------------------------------------------- telling


def test_many_repeats_in_a_row_are_worth_a_word() -> None:
    """Once per row, with numbers; a stream that goes on begins a new row."""
    following = tracker()
    handed_over(following, texts(1, 600))
    following.new_link()
    handed_over(following, texts(2, MANY))
    assert (following.long_rows, following.long_row) == (0, "")
    handed_over(following, texts(MANY + 1, 599))
    assert following.long_rows == 1
    assert f"up to number {MANY + 1} now; the highest was 600" in following.long_row
    handed_over(following, [*texts(601, 601), *texts(2, MANY)])
    assert following.long_rows == 1


def test_a_row_is_that_of_a_stream() -> None:
    """Others that go on meanwhile do not hide it; its name is told."""
    following = Tracker(Sequence(number_of, stream_of))
    handed_over(following, [f"a:{number}:" for number in range(600)])
    for number in range(MANY):
        assert handed_over(following, [f"a:{number + 1}:", f"b:{number}:"]) == [f"b:{number}:"]
    assert following.long_rows == 1
    assert "'a'" in following.long_row


# ---------------------------------------------------------------- anything

steps = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from([*range(8), 2_000, 2_001, 10**15]) | st.none(),
            st.sampled_from("xy"),
        ),
        st.just("new link"),
        st.just("hand over"),
        st.integers(1, 5),
    ),
    max_size=60,
)


@given(steps, st.sampled_from(["detect", "each-link", "never"]), st.booleans())
def test_batches_and_single_messages_agree(
    script: list[Any], restarts: Restarts, streams: bool
) -> None:
    """Also with far numbers, other contents, and messages that the inbox has dropped."""

    def make() -> Tracker:
        return Tracker(Sequence(number_of, stream_of if streams else None, restarts=restarts))

    batched, single = make(), make()
    results: list[Any] = []
    expected: list[Any] = []
    waiting: list[Data] = []
    for what in [*script, "hand over"]:
        if isinstance(what, tuple):
            name, number, content = what
            waiting.append(f"{name}:{'' if number is None else number}:{content}")
            continue
        results += handed_over(batched, waiting)
        for message in waiting:
            verdict = single.check(message)
            if verdict is not REPEAT:
                expected += [message] if verdict is None else [verdict, message]
        waiting = []
        for each in (batched, single):
            if what == "new link":
                each.new_link()
            elif isinstance(what, int):
                each.dropped(what)
    assert results == expected
    for name in ("missing", "repeated", "restarted", "long_rows"):
        assert getattr(batched, name) == getattr(single, name)
