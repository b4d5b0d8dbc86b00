"""What every parser shares: each holds a peer to the same rules, and each shares the buffer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.chaos.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, frame
from longwire.errors import ProtocolError
from longwire.link.framing import NO_LIMIT, SMALL_REST, Framing
from longwire.link.lender import READ_BUFFER, Lender
from longwire.link.parser import Parser
from longwire.link.streamparser import StreamParser
from longwire.testing.violations import VIOLATIONS

if TYPE_CHECKING:
    from longwire.testing.violations import Violation


def both(*, masked: bool = False) -> list[Framing]:
    """One parser of each kind."""
    return [
        Parser(masked=masked, max_message_bytes=1000, max_fragments=10),
        StreamParser(masked=masked, max_message_bytes=1000),
    ]


@pytest.mark.parametrize(
    "violation",
    [
        each
        for each in VIOLATIONS.values()
        if each.codes[0] == 1002 and not each.deflate and "close" not in each.name
    ],
    ids=lambda each: each.name,
)
def test_both_refuse_what_breaks_the_framing(violation: Violation) -> None:
    """With the same error, and with nothing raised."""
    errors = []
    for parser in both():
        parser.feed(violation.raw)
        parser.parse(100, 100_000)
        assert isinstance(parser.error, ProtocolError)
        errors.append(str(parser.error))
    assert errors[0] == errors[1]


def test_both_give_control_frames_in_order() -> None:
    """Also between fragments; behind a close frame there is nothing."""
    raw = frame(PING, b"1") + frame(TEXT, b"x", fin=False) + frame(PONG, b"2")
    raw += frame(CONT, b"y") + frame(CLOSE) + frame(PING, b"3")
    for parser in both():
        parser.feed(raw)
        parser.parse(100, 100_000)
        assert parser.has_controls()
        assert parser.take_controls() == [(PING, b"1"), (PONG, b"2"), (CLOSE, b"")]
        assert not parser.has_controls()
        assert parser.closing
        assert not parser.partial


def pair(lender: Lender, kind: str) -> tuple[Framing, Framing]:
    """Two parsers of a kind that read into one buffer."""
    if kind == "whole":
        return (
            Parser(masked=False, max_message_bytes=10**6, max_fragments=10, lender=lender),
            Parser(masked=False, max_message_bytes=10**6, max_fragments=10, lender=lender),
        )
    return (
        StreamParser(masked=False, max_message_bytes=10**6, lender=lender),
        StreamParser(masked=False, max_message_bytes=10**6, lender=lender),
    )


def read(parser: Framing, data: bytes) -> None:
    """What a transport does with a read."""
    buffer = parser.get_buffer()
    buffer[: len(data)] = data
    del buffer
    parser.filled(len(data))


def joined(parser: Framing) -> bytes:
    """Everything that can be parsed, pieces or whole messages."""
    found = b""
    for each in parser.parse(10_000, NO_LIMIT):
        found += each if isinstance(each, bytes) else each.data
    assert parser.error is None
    return found


kinds = pytest.mark.parametrize("kind", ["whole", "pieces"])
rests = pytest.mark.parametrize(
    "rest", [1, 2, 3, 4, 5, 100, SMALL_REST - 1, SMALL_REST, SMALL_REST + 1, 60_000]
)


@kinds
def test_an_idle_parser_has_no_buffer(kind: str) -> None:
    """What it has read into is its lender's again, and the next one reads there."""
    lender = Lender()
    first = lender.buffer
    one, other = pair(lender, kind)
    for parser in (one, other, one):
        read(parser, frame(BINARY, b"x" * 50_000))
        assert joined(parser) == b"x" * 50_000
        assert not lender.lent
    assert lender.buffer is first


@kinds
@rests
def test_a_part_of_a_frame_is_kept_while_others_read(kind: str, rest: int) -> None:
    """Whatever they read; and what it needs no longer goes back."""
    lender = Lender()
    one, other = pair(lender, kind)
    payload = bytes(number % 251 for number in range(65_000))
    raw = frame(BINARY, payload)
    read(one, raw[:rest])
    found = joined(one)
    for _ in range(2):
        read(other, frame(BINARY, b"\xff" * 60_000))
        assert joined(other) == b"\xff" * 60_000
    read(one, raw[rest : rest + 1])
    found += joined(one)
    read(one, raw[rest + 1 :])
    assert found + joined(one) == payload
    assert not one.partial
    assert not lender.lent


@kinds
def test_unparsed_bytes_stay_with_who_has_read_them(kind: str) -> None:
    """Though somebody else reads before they are parsed."""
    lender = Lender()
    first = lender.buffer
    one, other = pair(lender, kind)
    read(one, frame(BINARY, b"one"))
    read(other, frame(BINARY, b"other"))
    assert lender.buffer is not first
    read(one, frame(BINARY, b" more"))
    assert joined(other) == b"other"
    assert joined(one) == b"one more"
    assert not lender.lent


@kinds
@rests
def test_a_buffer_that_was_asked_for_in_vain(kind: str, rest: int) -> None:
    """A transport asks, and nothing is there: neither side has lost anything."""
    lender = Lender()
    one, other = pair(lender, kind)
    raw = frame(BINARY, bytes(65_000))
    read(one, raw[:rest])
    found = joined(one)
    one.get_buffer()
    read(other, frame(BINARY, b"\xff" * 50_000))
    assert joined(other) == b"\xff" * 50_000
    one.get_buffer()
    read(one, raw[rest:])
    assert found + joined(one) == bytes(65_000)


@kinds
def test_what_was_discarded_gives_the_buffer_back(kind: str) -> None:
    """A link that ends keeps nothing."""
    lender = Lender()
    one, _ = pair(lender, kind)
    for size in (10, 60_000):
        read(one, frame(BINARY, bytes(65_000))[:size])
        joined(one)
        one.discard()
        assert not lender.lent
    read(one, b"unparsed")
    one.discard()
    assert not lender.lent


@kinds
def test_the_buffer_grows_when_it_is_full(kind: str) -> None:
    """A transport delivers although it was paused: the bytes are kept, and nobody else's."""
    lender = Lender()
    one, other = pair(lender, kind)
    assert len(one.get_buffer()) == READ_BUFFER
    count = 3 * READ_BUFFER // 1_004
    raw = frame(BINARY, b"y" * 1_000) * count
    for at in range(0, len(raw), 50_000):
        one.feed(raw[at : at + 50_000])
    read(other, frame(BINARY, b"x" * 50_000))
    assert joined(other) == b"x" * 50_000
    assert joined(one) == b"y" * 1_000 * count


@kinds
def test_who_needed_a_buffer_keeps_it_until_nothing_is_left_in_it(kind: str) -> None:
    """Large frames follow large frames: it does not change hands for each."""
    lender = Lender()
    one, _ = pair(lender, kind)
    raw = frame(BINARY, bytes(60_000)) * 2
    own = lender.buffer
    read(one, raw[:30_000])
    found = joined(one)
    assert lender.buffer is not own
    read(one, raw[30_000:60_100])
    found += joined(one)
    assert lender.spare is None
    read(one, raw[60_100:])
    assert found + joined(one) == bytes(120_000)
    assert lender.spare is own
