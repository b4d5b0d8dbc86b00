"""The fields that a `Sequence` names: read the same by the fast way and by decoding."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longwire.client.jsonfields import JsonFields
from longwire.core.sequence import Gap, Sequence
from longwire.core.tracker import Tracker

NAMES = ["seq", "s", "data", "é", "a", "sequence"]

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
numbers = st.integers(-5, 10**20) | st.integers(0, 300).map(str) | values
objects = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), numbers, max_size=6)
messages = objects | st.dictionaries(st.sampled_from(NAMES), objects, max_size=3)
spaces = st.sampled_from(["", " ", "\n\t ", "\r\n"])


def written(value: Any, space: str, *, ascii_only: bool) -> str:
    """JSON with white space wherever it may be."""
    text = json.dumps(
        value, ensure_ascii=ascii_only, separators=(f"{space},{space}", f"{space}:{space}")
    )
    return f"{space}{text}{space}"


def decoded(message: dict[str, Any], path: str) -> Any:
    """What a field holds, by Python's own means."""
    value: Any = message
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def as_number(value: Any) -> int | str | None:
    """What `JsonFields.number` makes of it; "bad" where it raises."""
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return "bad"


@given(messages, st.sampled_from(["seq", "é", "data.seq", "data.é"]), spaces, st.booleans())
@example({"x": '"', "y": "\\", "seq": 1}, "seq", "", True)
@example({"x": [{"]": "}"}], "seq": 7}, "seq", " ", True)
@example({"data": {"seq": 3}, "seq": 4}, "data.seq", "", True)
@example({"data": [1], "seq": 4}, "data.seq", "", True)
@example({"seq": 10**18 - 1}, "seq", "", True)
@example({"seq": 10**18}, "seq", "", True)
@example({"é": 5}, "é", "", True)
def test_both_ways_read_what_python_reads(
    message: dict[str, Any], path: str, space: str, ascii_only: bool
) -> None:
    """Whatever lies around the field, decoding gives its value, and counting never disagrees."""
    text = written(message, space, ascii_only=ascii_only)
    expected = as_number(decoded(message, path))
    fields = JsonFields(path, None)
    for form in (text, text.encode()):
        if expected == "bad":
            with pytest.raises(ValueError, match="holds"):
                fields.number(form)
        else:
            assert fields.number(form) == expected
        # Good where it is the next, or has no number; anything else is left to `number`.
        for before in (-1, 0, 6, expected - 1 if isinstance(expected, int) else 2):
            last = {None: before}
            good = fields.count_good([form], last)
            if good and last[None] != before:
                assert last[None] == before + 1 == expected
            elif good:
                assert expected is None


@given(st.lists(st.binary(max_size=30) | st.text(max_size=30), max_size=4))
def test_no_message_is_too_odd(odd: list[str | bytes]) -> None:
    """What is no JSON is passed over or refused with a ValueError; nothing is read behind it."""
    fields = JsonFields("a", "b")
    for message in odd:
        for ask in (fields.number, fields.stream):
            try:
                ask(message)
            except ValueError:
                continue
    assert 0 <= JsonFields("a", None).count_good([*odd], {None: 1}) <= len(odd)
    assert 0 <= fields.count_good([*odd], {"x": 1}) <= len(odd)


TRUNCATED = b'{"x": [1, {"y": "z\\""}], "s": "a", "seq": 12}'


@pytest.mark.parametrize("length", range(len(TRUNCATED)))
def test_a_message_that_is_cut_off(length: int) -> None:
    """A part of a message is never taken for the whole: it is not good, or has no number yet."""
    last = {None: 11}
    JsonFields("seq", None).count_good([TRUNCATED[:length]], last)
    assert last[None] == 11
    assert JsonFields("seq", None).count_good([TRUNCATED], last) == 1


def test_counting_stops_at_the_first_that_is_not_the_next() -> None:
    """What was counted is taken into account, and nothing behind it."""
    fields = JsonFields("seq", None)
    last = {None: 4}
    numbers = (5, 6, 8, 9)
    assert fields.count_good([f'{{"seq":{number}}}' for number in numbers], last) == 2
    assert last == {None: 6}
    assert fields.count_good(['{"other":1}', "pong", b"\x00", '{"seq":7}'], last) == 4
    assert last == {None: 7}


def test_counting_many_streams() -> None:
    """Each stream has its own number; an unknown stream, or one with escapes, stops the count."""
    fields = JsonFields("data.u", "data.s")

    def message(stream: str, number: int) -> str:
        return json.dumps({"e": "trade", "data": {"s": stream, "u": number}})

    last: dict[Any, Any] = {"BTC": 9, "ETH": 99}
    feed = [message("BTC", 10), message("ETH", 100), message("BTC", 11), message("XRP", 1)]
    assert fields.count_good(feed, last) == 3
    assert last == {"BTC": 11, "ETH": 100}
    assert fields.count_good([message("é", 1)], last | {"é": 0}) == 0
    assert fields.count_good([message("BTC", 12).replace("12}", '"12"}')], last) == 1
    assert fields.count_good([message("BTC", 14)], last) == 0
    assert fields.stream(message("é", 1)) == "é"
    assert fields.stream('{"data":{"s":17,"u":1}}') == "17"


@pytest.mark.parametrize("holds", ["null", "true", "1.5", "[]", '{"a":1}'])
def test_a_stream_that_is_no_name(holds: str) -> None:
    """A number without a stream's name is unreadable, not a stream of its own."""
    fields = JsonFields("u", "s")
    with pytest.raises(ValueError, match="'s' holds"):
        fields.stream(f'{{"u":1,"s":{holds}}}')
    assert fields.count_good([f'{{"u":1,"s":{holds}}}'], {None: 0}) == 0


def test_a_changing_layout_is_followed() -> None:
    """A message that begins like the first is read at the same place, any other by its own."""
    feed = ['{"seq":1}', '{"seq":2}', '{ "seq":3}', '{"t":"seq","seq":"4"}', '{"seq":5,"seq":9}']
    last = {None: 0}
    assert JsonFields("seq", None).count_good(feed, last) == 5
    assert last == {None: 5}
    assert JsonFields("seq", None).count_good(['{"seq":6}', '{"seq":7.5}'], last) == 1
    assert JsonFields("seq", None).count_good(['{"seq":7}', '{"seq":"8'], last) == 1


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 6), st.booleans()), max_size=30),
    st.booleans(),
    st.integers(1, 7),
)
def test_fields_and_functions_come_to_the_same(
    feed: list[tuple[str, int, bool]], many: bool, batch: int
) -> None:
    """A tracker that reads fields judges every feed as one that asks functions does."""

    def number(message: str | bytes) -> int | None:
        value: int | None = json.loads(message).get("n")
        return value

    def stream(message: str | bytes) -> str:
        return str(json.loads(message)["s"])

    asking = Tracker(Sequence(number, stream if many else None))
    named = Sequence("n", "s" if many else None)
    reading = Tracker(named, JsonFields("n", "s" if many else None))
    written = [json.dumps({"s": s, "n": n} if numbered else {"s": s}) for s, n, numbered in feed]
    for start in range(0, len(written), batch):
        messages: list[str | bytes] = [*written[start : start + batch]]
        one, other = asking.check_batch(messages), reading.check_batch(messages)
        assert (messages if one is None else one) == (messages if other is None else other)
    assert (asking.missing, asking.repeated) == (reading.missing, reading.repeated)


def test_a_name_and_a_function_go_together() -> None:
    """The number may be a field where a function names the stream, and the other way round."""
    for sequence, fields in (
        (Sequence("n", lambda _: "one"), JsonFields("n", None)),
        (Sequence(lambda m: json.loads(m)["n"], "s"), JsonFields(None, "s")),
    ):
        tracker = Tracker(sequence, fields)
        assert tracker.check_batch(['{"n":1,"s":"one"}', '{"n":2,"s":"one"}']) is None
        gap = Gap(kind="sequence", stream="one", first=3, last=4, count=2)
        late = '{"n":5,"s":"one"}'
        assert tracker.check_batch([late]) == [gap, late]
