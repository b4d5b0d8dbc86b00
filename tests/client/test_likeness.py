"""Messages that begin as the one before: no number is taken for another, whatever comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.client.likeness import Likeness


def shown(begin: str, number: int, *, quoted: bool = False, width: int = 0) -> Likeness:
    """One that has been shown a message with this number."""
    likeness = Likeness()
    digits = f'"{number:0{width}}' if quoted else f"{number:0{width}}"
    likeness.learn(f"{begin}{digits}".encode(), len(begin.encode()), number)
    return likeness


def test_nothing_is_expected_before_a_message_was_shown() -> None:
    """A new one follows nothing."""
    likeness = Likeness()
    assert likeness.number < 0
    assert likeness.follow([b'{"n":1}'], 0) == 0


@given(
    begin=st.text(max_size=20),
    first=st.integers(0, 10**17),
    quoted=st.booleans(),
    binary=st.booleans(),
    rests=st.lists(st.text(max_size=8), min_size=1, max_size=20),
)
def test_it_follows_as_long_as_the_number_gets_no_longer(
    begin: str, first: int, quoted: bool, binary: bool, rests: list[str]
) -> None:
    """What lies in front of the number is the same, and what lies behind it may be anything."""
    likeness = shown(begin, first, quoted=quoted)
    mark = '"' if quoted else ""
    texts = [f"{begin}{mark}{first + 1 + at}{mark or ','}{rest}" for at, rest in enumerate(rests)]
    messages = [text.encode() if binary else text for text in texts]
    as_long = [text for at, text in enumerate(texts) if len(str(first + 1 + at)) == len(str(first))]
    assert likeness.follow(messages, 0) == len(as_long)
    if len(str(first + 1 + len(as_long))) == len(str(first)):
        assert likeness.number == first + 1 + len(as_long)
    else:
        assert likeness.number < 0


@pytest.mark.parametrize(
    "other",
    [
        b'{"n":10,',  # again
        b'{"n":12,',  # one too far
        b'{"m":11,',  # another field
        b'{"n":110',  # a longer number
        b'{"n":11',  # cut behind its digits
        b'{"n":1',
        b"",
        b'{"n":11.5}',
        b'{"n":11e3}',
        b'{"n":11"}',
        '{"ñ":11,',
    ],
)
def test_anything_else_ends_it(other: bytes | str) -> None:
    """The messages in front of it count, and the next one is still expected."""
    likeness = shown('{"n":', 10)
    assert likeness.follow([other, b'{"n":11}'], 0) == 0
    assert likeness.number == 11
    assert likeness.follow([b'{"n":11}', b'{"n":12 }', other], 0) == 2
    assert likeness.number == 13


def test_it_begins_where_it_is_told() -> None:
    """What stands in front is not looked at."""
    likeness = shown('{"n":', 1)
    assert likeness.follow([b"other", b'{"n":2}', b'{"n":3}'], 1) == 2


def test_zeros_in_front_carry() -> None:
    """A fixed width is kept up to its last number."""
    likeness = shown('{"n":', 98, quoted=True, width=3)
    messages = [f'{{"n":"{number:03}"}}' for number in range(99, 1_001)]
    assert likeness.follow(messages, 0) == len(messages) - 1
    assert likeness.number < 0


def test_text_that_has_no_utf_8_raises() -> None:
    """Only a user could make such a message; the caller meets it again and tells."""
    with pytest.raises(UnicodeEncodeError):
        shown('{"n":', 1).follow(["\ud800"], 0)
