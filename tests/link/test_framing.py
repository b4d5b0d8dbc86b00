"""What every parser shares: each holds a peer to the same rules, and each shares the buffer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.errors import ProtocolError
from longwire.link.framing import FIRST_BUFFER, READ_BUFFER, Framing
from longwire.link.parser import Parser
from longwire.link.streamparser import StreamParser
from longwire.testing.frames import CLOSE, CONT, PING, PONG, TEXT, frame
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


def test_the_buffer_grows_when_it_is_full() -> None:
    """It is small until a read fills it."""
    for parser in both():
        assert len(parser.get_buffer()) == FIRST_BUFFER
        parser.filled(FIRST_BUFFER)
        assert len(parser.get_buffer()) == READ_BUFFER - FIRST_BUFFER
        parser.discard()
        assert len(parser.get_buffer()) == READ_BUFFER
