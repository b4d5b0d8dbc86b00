"""Masking: byte by byte what RFC 6455, 5.3 says, in place as well as into a copy."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos.frames import apply_mask, frame
from longwire.link.encoder import BINARY, Encoder
from longwire.link.framing import NO_LIMIT
from longwire.link.masking import mask_bytes
from longwire.link.parser import Parser

KEYS = st.binary(min_size=4, max_size=4)


def by_the_book(payload: bytes, key: bytes) -> bytes:
    return bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))


@given(payload=st.binary(max_size=70), key=KEYS)
def test_uncompiled(payload: bytes, key: bytes) -> None:
    """Of anything that holds bytes."""
    assert mask_bytes(payload, key) == by_the_book(payload, key)
    assert mask_bytes(memoryview(payload), bytearray(key)) == by_the_book(payload, key)


@given(payload=st.binary(max_size=70), key=KEYS)
def test_in_place(payload: bytes, key: bytes) -> None:
    """Of whatever length, and wherever the payload lies in the buffer."""
    parser = Parser(masked=True, max_message_bytes=1_000, max_fragments=10)
    parser.feed(frame(BINARY, payload, mask=key) * 3)
    assert parser.parse(10, NO_LIMIT) == [payload] * 3


@given(payload=st.binary(max_size=70))
def test_into_a_frame(payload: bytes) -> None:
    """The payload itself stays as it was."""
    before = bytes(bytearray(payload))
    made = Encoder(masked=True).encode(BINARY, payload)
    assert payload == before
    key, masked = made[2:6], made[6:]
    assert masked == by_the_book(payload, key)
    assert apply_mask(masked, key) == payload
