"""Bytes to pieces: joined they are the messages, whatever the fragments and the reads."""

from __future__ import annotations

import itertools
import os
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos.frames import BINARY, CONT, PING, TEXT, frame
from longwire.errors import ProtocolError
from longwire.link.deflate import Deflate, DeflateParameters
from longwire.link.framing import NO_LIMIT
from longwire.link.streamparser import PIECE, StreamParser
from longwire.testing.violations import deflate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.core.pieces import Piece

Data = str | bytes
FORGETFUL = DeflateParameters(local_no_context_takeover=True, remote_no_context_takeover=True)
KEY = b"\x01\x80\xff\x7f"


def make(
    *, masked: bool = False, limit: int = 2**20, packed: DeflateParameters | None = FORGETFUL
) -> StreamParser:
    codec = None if packed is None else Deflate(packed)
    return StreamParser(masked=masked, max_message_bytes=limit, deflate=codec)


def run(
    parser: StreamParser, reads: Sequence[bytes], room: int = NO_LIMIT, room_bytes: int = NO_LIMIT
) -> list[Piece]:
    """Feed the reads one by one; room, if there is little, is there again at once."""
    pieces: list[Piece] = []
    for read in reads:
        parser.feed(read)
        while True:
            fresh = parser.parse(room, room_bytes)
            assert parser.payload_bytes == sum(each.size for each in fresh)
            assert len(fresh) <= room
            pieces += fresh
            if not parser.blocked:
                break
    return pieces


def joined(pieces: list[Piece]) -> list[Data]:
    """The messages that the pieces are of; each begins and ends as it must."""
    messages: list[Data] = []
    parts: list[Any] = []
    for piece in pieces:
        assert piece.first is not bool(parts)
        parts.append(piece.data)
        if piece.last:
            messages.append(type(parts[0])().join(parts))
            parts = []
    assert not parts
    return messages


def octets(data: Data) -> int:
    """What it takes on the wire."""
    return len(data.encode() if isinstance(data, str) else data)


payloads = st.one_of(st.text(max_size=80), st.binary(max_size=200), st.just("é" * 90))


@st.composite
def wires(draw: st.DrawFn) -> tuple[bool, bytes, list[Data]]:
    """Messages in any fragments, control frames between them, compressed or not."""
    masked = draw(st.booleans())
    key = KEY if masked else None
    raw = b""
    said = draw(st.lists(payloads, max_size=4))
    for message in said:
        opcode = TEXT if isinstance(message, str) else BINARY
        whole = message.encode() if isinstance(message, str) else message
        packed = draw(st.booleans())
        if packed:
            whole = deflate(whole)
        cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=4)))
        for start, end in itertools.pairwise([0, *cuts, len(whole)]):
            raw += frame(
                opcode, whole[start:end], fin=False, rsv=4 if packed and opcode else 0, mask=key
            )
            opcode = CONT
            if draw(st.booleans()):
                raw += frame(PING, draw(st.binary(max_size=9)), mask=key)
        raw += frame(CONT, mask=key)
    return masked, raw, said


@given(wires(), st.data())
def test_the_pieces_are_the_messages(
    wire: tuple[bool, bytes, list[Data]], data: st.DataObject
) -> None:
    """Any fragments, any reads, any size of pieces, any room: joined it is what was said.

    The pieces themselves do not depend on the reads.
    """
    masked, raw, said = wire
    limit = data.draw(st.sampled_from([1, 3, 16, 50, 2**20]))
    room = data.draw(st.sampled_from([1, 2, NO_LIMIT]))
    room_bytes = data.draw(st.sampled_from([-1, -60, NO_LIMIT]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    at_once = run(make(masked=masked, limit=limit), [raw])
    assert joined(at_once) == said
    assert all(piece.size <= limit for piece in at_once)
    # A character is never cut, however small the limit.
    assert all(octets(piece.data) <= max(limit, 4) for piece in at_once)
    for reads in (
        [raw[at : at + 1] for at in range(len(raw))],
        [raw[a:b] for a, b in itertools.pairwise([0, *cuts, len(raw)])],
    ):
        parser = make(masked=masked, limit=limit)
        assert run(parser, reads, room, room_bytes) == at_once
        assert parser.error is None
        assert not parser.partial


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("size", [0, 1, 125, 126, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
def test_a_frame_of_any_size(size: int, masked: bool) -> None:
    """A fragment is a piece; of a larger one so much at a time, without waiting for all of it."""
    whole = os.urandom(size)
    raw = frame(BINARY, whole, mask=KEY if masked else None)
    parser = make(masked=masked, packed=None)
    head = len(raw) - size
    pieces = run(parser, [raw[: head + PIECE]])
    assert len(pieces) == 1
    pieces += run(parser, [raw[head + PIECE :]])
    assert joined(pieces) == [whole]
    assert [piece.size for piece in pieces[:-1]] == [PIECE] * (len(pieces) - 1)


def test_text_is_cut_between_characters_only() -> None:
    """A fragment may end in mid-character; the character comes with the next one."""
    euro = "€".encode()
    raw = frame(TEXT, b"a" + euro[:1], fin=False) + frame(CONT, euro[1:2], fin=False)
    raw += frame(CONT, euro[2:] + b"b")
    pieces = run(make(), [raw])
    assert [(piece.data, piece.size) for piece in pieces] == [("a", 2), ("", 1), ("€b", 2)]


@pytest.mark.parametrize("packed", [False, True])
def test_a_cut_character_makes_no_piece_larger(packed: bool) -> None:
    """What was kept of the piece before counts for the next one, compressed or not."""
    whole = "ab" + "€" * PIECE
    raw = frame(TEXT, deflate(whole.encode()), rsv=4) if packed else frame(TEXT, whole.encode())
    pieces = run(make(), [raw])
    assert joined(pieces) == [whole]
    assert max(octets(piece.data) for piece in pieces) <= PIECE


@pytest.mark.parametrize(
    "raw",
    [
        frame(TEXT, b"good", fin=False) + frame(CONT, b"\xff", fin=False),
        frame(TEXT, b"good", fin=False) + frame(CONT, "€".encode()[:2]),
        frame(TEXT, b"good", fin=False) + frame(CONT, b"\xed\xa0\x80"),
    ],
)
def test_wrong_text_is_noticed_in_mid_message(raw: bytes) -> None:
    """What came before it is handed over; the error is that of wrong data."""
    parser = make()
    assert [piece.data for piece in run(parser, [raw])] == ["good"]
    assert isinstance(parser.error, ProtocolError)
    assert parser.error.code == 1007


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_memory_does_not_grow_with_the_message(masked: bool, packed: bool) -> None:
    """However long a message, and however well compressed, nothing of it is kept."""
    key = KEY if masked else None
    codec = Deflate(DeflateParameters())
    part = bytes(256 * 1024) if packed else os.urandom(256 * 1024)
    parser = make(masked=masked, packed=DeflateParameters())
    total = 0
    tracemalloc.start()
    try:
        for number in range(40):
            payload = codec.compress_fragment(part, final=False) if packed else part
            raw = frame(
                CONT if number else BINARY,
                payload,
                fin=False,
                rsv=4 if packed and not number else 0,
                mask=key,
            )
            for start in range(0, len(raw), 50_000):
                parser.feed(raw[start : start + 50_000])
                while True:
                    total += sum(each.size for each in parser.parse(2, 2 * PIECE))
                    if not parser.blocked:
                        break
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == 40 * len(part)
    assert peak < 4 * 2**20


def test_a_bomb_waits_for_room() -> None:
    """What a fragment inflates to is made no faster than it is taken."""
    raw = frame(BINARY, deflate(bytes(10 * 2**20)), rsv=4)
    parser = make()
    parser.feed(raw)
    fresh = parser.parse(100, 3 * PIECE)
    assert parser.blocked
    assert sum(each.size for each in fresh) == 3 * PIECE
    assert sum(each.size for each in run(parser, [b""])) == 10 * 2**20 - 3 * PIECE


def test_progress_is_told() -> None:
    """Each fragment, and each byte of one that comes, gives the peer its time again."""
    parser = make(packed=None)
    steps = []
    raw = frame(BINARY, b"abcd", fin=False) + frame(PING) + frame(CONT, b"efgh")
    for at in range(len(raw)):
        run(parser, [raw[at : at + 1]])
        steps.append(parser.fragmented)
    # Neither header nor ping brings a message on: places 0, 6, 7 and 8 of the bytes.
    assert [steps[0], steps[6] - steps[5], steps[7] - steps[6], steps[8] - steps[7]] == [0] * 4
    assert all(steps[at] > steps[at - 1] for at in (2, 3, 4, 5, 10, 11, 12, 13))


def test_partial_tells_what_is_incomplete() -> None:
    """A header, a fragment, a message."""
    parser = make(packed=None)
    raw = frame(BINARY, b"abc", fin=False) + frame(CONT, b"d")
    seen = []
    for at in range(len(raw)):
        run(parser, [raw[at : at + 1]])
        seen.append((parser.partial, parser.opcode))
    assert seen == [(True, 0)] + [(True, BINARY)] * 6 + [(False, 0)]


@given(st.binary(max_size=300), st.booleans())
def test_chance_never_raises(raw: bytes, masked: bool) -> None:
    """Whatever comes, it is parsed or named."""
    parser = make(masked=masked)
    parser.feed(raw)
    parser.parse(100, 100_000)
    assert parser.error is None or isinstance(parser.error, ProtocolError)
