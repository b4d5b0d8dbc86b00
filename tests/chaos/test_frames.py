"""Frames made by hand are what RFC 6455 says, unless they are told not to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos import frames
from longwire.chaos.frames import Frame, FrameReader, frame, make_frame


def test_the_examples_of_the_rfc() -> None:
    """RFC 6455 5.7 gives these bytes."""
    mask = bytes.fromhex("37fa213d")
    assert frame(frames.TEXT, b"Hello") == bytes.fromhex("810548656c6c6f")
    assert frame(frames.TEXT, b"Hello", mask=mask) == bytes.fromhex("818537fa213d7f9f4d5158")
    assert frame(frames.TEXT, b"Hel", fin=False) == bytes.fromhex("010348656c")
    assert frame(frames.CONT, b"lo") == bytes.fromhex("80026c6f")
    assert frame(frames.BINARY, bytes(256))[:4] == bytes.fromhex("827e0100")
    assert frame(frames.BINARY, bytes(65536))[:10] == bytes.fromhex("827f0000000000010000")


def test_every_field_can_be_a_lie() -> None:
    """Reserved bits, unknown opcodes, and lengths that are neither true nor shortest."""
    assert frame(11, b"", rsv=7, fin=False) == bytes([0x7B, 0])
    assert frame(frames.TEXT, b"x", length=1 << 63)[1:10] == bytes.fromhex("7f8000000000000000")
    assert frame(frames.TEXT, b"x", form=16) == bytes([0x81, 126, 0, 1]) + b"x"
    assert frame(frames.TEXT, b"x", form=64) == bytes([0x81, 127, *bytes(7), 1]) + b"x"
    assert frame(frames.TEXT, b"", length=5) == bytes([0x81, 5])


def test_what_cannot_be_written_is_refused() -> None:
    """A mask of the wrong size, a length that its field cannot hold."""
    with pytest.raises(ValueError, match="four bytes"):
        frame(frames.TEXT, b"x", mask=b"abc")
    with pytest.raises(ValueError, match="seven bits"):
        frame(frames.TEXT, bytes(126), form=7)


def test_close_payload() -> None:
    """Code first, then the reason, text or raw."""
    assert frames.close_payload(1000) == b"\x03\xe8"
    assert frames.close_payload(1001, "é") == b"\x03\xe9" + "é".encode()
    assert frames.close_payload(1001, b"\xff") == b"\x03\xe9\xff"


MASKS = st.none() | st.binary(min_size=4, max_size=4)
PAYLOADS = st.binary(max_size=300) | st.sampled_from([bytes(65_535), bytes(65_536)])
FIELDS = st.tuples(st.integers(0, 15), PAYLOADS, st.booleans(), st.integers(0, 7), MASKS)
Fields = tuple[int, bytes, bool, int, bytes | None]


def fields_of(one: Frame) -> Fields:
    return one.opcode, one.payload, one.fin, one.rsv, one.mask


@given(st.lists(FIELDS, max_size=5), st.integers(20, 100_000))
def test_what_is_built_is_read(made: list[Fields], step: int) -> None:
    """Any frames in any pieces come out as they went in, to the byte."""
    raw = b"".join(
        frame(opcode, payload, fin=fin, rsv=rsv, mask=mask)
        for opcode, payload, fin, rsv, mask in made
    )
    reader = FrameReader()
    read = [one for at in range(0, len(raw), step) for one in reader.feed(raw[at : at + step])]
    assert [fields_of(one) for one in read] == made
    assert b"".join(one.raw for one in read) == raw
    assert not reader.partial


@given(FIELDS)
def test_a_frame_can_be_changed_in_one_respect(fields: Fields) -> None:
    """The others stay, with the mask."""
    opcode, payload, fin, rsv, mask = fields
    one = make_frame(opcode, payload, fin=fin, rsv=rsv, mask=mask)
    assert one.replaced() == one
    assert fields_of(one.replaced(payload=b"other")) == (opcode, b"other", fin, rsv, mask)
    assert fields_of(one.replaced(opcode=3, fin=not fin)) == (3, payload, not fin, rsv, mask)
    assert fields_of(one.replaced(rsv=2)) == (opcode, payload, fin, 2, mask)


@pytest.mark.parametrize(
    ("opcode", "fin", "is_data", "ends_message", "is_message"),
    [
        (frames.TEXT, True, True, True, True),
        (frames.BINARY, False, True, False, False),
        (frames.CONT, True, True, True, False),
        (frames.PING, True, False, False, False),
        (frames.CLOSE, True, False, False, False),
    ],
)
def test_what_a_frame_belongs_to(
    opcode: int, fin: bool, is_data: bool, ends_message: bool, is_message: bool
) -> None:
    """Data frames belong to messages, and the last of one ends it; some are one by themselves."""
    one = make_frame(opcode, b"x", fin=fin)
    found = (one.is_data, one.ends_message, one.is_message)
    assert found == (is_data, ends_message, is_message)


def test_what_is_missing_is_known_with_the_header() -> None:
    """How much a frame lacks can be said as soon as its length has come; and it can be given up."""
    reader = FrameReader()
    raw = frame(frames.BINARY, bytes(70_000), mask=b"abcd")
    reader.feed(raw[:9])
    assert reader.missing == 0
    reader.feed(raw[9:100])
    assert reader.missing == len(raw) - 100
    assert reader.begun == len(raw) - 14
    beginning = reader.take_beginning()
    assert beginning.raw == raw[:100]
    assert (beginning.opcode, beginning.masked, beginning.head) == (frames.BINARY, True, 14)
    assert beginning.payload == bytes(86)
    assert not reader.partial


def test_a_partial_frame_is_seen() -> None:
    """The reader knows that it stands inside a frame."""
    reader = FrameReader()
    assert reader.feed(frame(frames.TEXT, b"Hello")[:3]) == []
    assert reader.partial
