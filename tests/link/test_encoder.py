"""Messages to frames: what the parser, and a reader that knows nothing of ours, get back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos.frames import FrameReader
from longwire.link.deflate import Deflate, DeflateParameters
from longwire.link.encoder import BINARY, CLOSE, PING, PONG, TEXT, Encoder
from longwire.link.framing import NO_LIMIT
from longwire.link.lender import READ_BUFFER
from longwire.link.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 65_537, 2 * READ_BUFFER + 3)
HEADERS = {125: 2, 65_535: 4, 2**62: 10}


def keys_of(raw: bytes, size: int) -> bytes:
    """The masking key of a frame with a payload of so many bytes."""
    header = next(length for most, length in HEADERS.items() if size <= most)
    return raw[header : header + 4]


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_a_frame_is_what_it_should_be(size: int, masked: bool) -> None:
    """Every form of the length, masked and not, read by somebody else."""
    payload = os.urandom(size)
    raw = Encoder(masked=masked).encode(BINARY, payload)
    (read,) = FrameReader().feed(raw)
    assert (read.opcode, read.payload, read.fin, read.rsv) == (BINARY, payload, True, 0)
    assert read.masked == masked
    header = next(length for most, length in HEADERS.items() if size <= most)
    assert len(raw) == header + (4 if masked else 0) + size


@pytest.mark.parametrize("opcode", [TEXT, BINARY, CLOSE, PING, PONG])
def test_every_opcode(opcode: int) -> None:
    """With the bit of compression only where it is asked for."""
    encoder = Encoder(masked=True)
    (plain,) = FrameReader().feed(encoder.encode(opcode, b"abc"))
    (packed,) = FrameReader().feed(encoder.encode(opcode, b"abc", True))
    assert (plain.opcode, plain.rsv) == (opcode, 0)
    assert (packed.opcode, packed.rsv) == (opcode, 4)


@given(st.lists(st.one_of(st.text(max_size=200), st.binary(max_size=200))), st.booleans())
def test_what_is_encoded_is_parsed_back(messages: list[str | bytes], masked: bool) -> None:
    """Both directions, compressed and not, in one stream."""
    ours, theirs = Deflate(DeflateParameters()), Deflate(DeflateParameters())
    encoder = Encoder(masked=masked)
    parser = Parser(masked=masked, max_message_bytes=10_000, max_fragments=10, deflate=theirs)
    for number, message in enumerate(messages):
        opcode = TEXT if isinstance(message, str) else BINARY
        payload = message.encode() if isinstance(message, str) else message
        packed = number % 2 == 1
        parser.feed(encoder.encode(opcode, ours.compress(payload) if packed else payload, packed))
    assert parser.parse(NO_LIMIT, NO_LIMIT) == messages
    assert parser.error is None


def test_no_two_masks_are_alike() -> None:
    """Trap 8: also across links, and beyond one block of randomness."""
    keys = {
        keys_of(encoder.encode(BINARY, b"12345"), 5)
        for encoder in [Encoder(masked=True) for _ in range(3)]
        for _ in range(3_000)
    }
    # 9,000 of 2**32: one pair alike in a hundred runs is chance, ten pairs are none.
    assert len(keys) > 8_990


def test_masks_come_from_the_operating_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap 8: from ``os.urandom``, in blocks, each four bytes used once; none for a server."""
    asked: list[int] = []

    def numbered(real: Callable[[int], bytes]) -> Callable[[int], bytes]:
        def urandom(count: int) -> bytes:
            asked.append(count)
            return b"".join(number.to_bytes(4, "big") for number in range(count // 4))

        return urandom

    monkeypatch.setattr(os, "urandom", numbered(os.urandom))
    encoder = Encoder(masked=True)
    per_block: int | None = None
    for number in range(2_500):
        key = keys_of(encoder.encode(TEXT, b"x"), 1)
        per_block = per_block or asked[0] // 4
        assert key == (number % per_block).to_bytes(4, "big")
    assert per_block == 1_024
    assert len(asked) == 3
    server = Encoder(masked=False)
    for _ in range(10):
        server.encode(TEXT, b"x")
    assert len(asked) == 3


def test_the_payload_is_not_changed() -> None:
    """Masking works on a copy."""
    payload = bytes(100)
    Encoder(masked=True).encode(BINARY, payload)
    assert payload == bytes(100)


class Digest(bytes):
    """Bytes with something of their own, as libraries have them."""


class Name(str):
    """The same of text."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        (Digest(b"ab"), b"\x82\x02ab"),
        (bytearray(b"ab"), b"\x82\x02ab"),
        (memoryview(b"aXbX")[::2], b"\x82\x02ab"),
        (Name("ab"), b"\x81\x02ab"),
    ],
)
def test_whatever_is_text_or_bytes_can_be_sent(data: Any, frame: bytes) -> None:
    """Subclasses, too."""
    assert Encoder(masked=False).frame(data) == frame


def test_a_limit_may_be_larger_than_any_message() -> None:
    """It is what people write who want none."""
    assert Encoder(masked=False, max_message_bytes=2**70).frame("a") == b"\x81\x01a"
