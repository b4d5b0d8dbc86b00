"""Frames made by hand are what RFC 6455 says, unless they are told not to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.testing import frames
from longwire.testing.frames import Frame, FrameReader, frame


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


FRAMES = st.builds(
    Frame,
    opcode=st.integers(0, 15),
    payload=st.binary(max_size=300) | st.sampled_from([bytes(65_535), bytes(65_536)]),
    fin=st.booleans(),
    rsv=st.integers(0, 7),
    masked=st.booleans(),
)


@given(st.lists(FRAMES, max_size=5), st.integers(20, 100_000))
def test_what_is_built_is_read(made: list[Frame], step: int) -> None:
    """Any frames in any pieces come out as they went in."""
    raw = b"".join(
        frame(
            one.opcode,
            one.payload,
            fin=one.fin,
            rsv=one.rsv,
            mask=b"\x01\xfe\x55\xaa" if one.masked else None,
        )
        for one in made
    )
    reader = FrameReader()
    read = [one for at in range(0, len(raw), step) for one in reader.feed(raw[at : at + step])]
    assert read == made
    assert not reader.partial


def test_a_partial_frame_is_seen() -> None:
    """The reader knows that it stands inside a frame."""
    reader = FrameReader()
    assert reader.feed(frame(frames.TEXT, b"Hello")[:3]) == []
    assert reader.partial
