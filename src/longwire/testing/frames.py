"""Frames made by hand: every field can be a lie. And a reader that judges nothing.

RFC 6455 section 5.2. Nothing here checks a rule, so that a test can break any of them.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

CONT: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

_FORM_7: Final = 7
_FORM_16: Final = 16
_FORM_64: Final = 64
_MARK_16: Final = 126
_MARK_64: Final = 127


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One frame as it was on the wire, already unmasked."""

    opcode: int
    payload: bytes
    fin: bool
    rsv: int
    """The three reserved bits as one number: RSV1 is 4, RSV2 is 2, RSV3 is 1."""
    masked: bool


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = None,
    length: int | None = None,
    form: Literal[7, 16, 64] | None = None,
) -> bytes:
    """Build a frame, right or wrong.

    Args:
        opcode: 0 to 15; nothing is refused.
        payload: What follows the header.
        fin: Whether it is the last fragment.
        rsv: The reserved bits as one number: RSV1 is 4, RSV2 is 2, RSV3 is 1.
        mask: Four bytes to mask with (what a client must do), None for no mask.
        length: The length that the header claims, in bytes. None: the true one.
        form: Bits of the length field. None: the shortest that holds it.

    Raises:
        ValueError: the length does not fit into the form, or the mask is not four bytes.
    """
    if mask is not None and len(mask) != 4:
        raise ValueError("a mask has four bytes")
    claimed = len(payload) if length is None else length
    flag = 0 if mask is None else 0x80
    first = (0x80 if fin else 0) | (rsv << 4) | opcode
    head = bytes([first]) + _length_field(claimed, flag, form or _shortest(claimed))
    if mask is None:
        return head + payload
    return head + mask + apply_mask(payload, mask)


def close_payload(code: int, reason: str | bytes = "") -> bytes:
    """The payload of a close frame; nothing is checked."""
    raw = reason.encode() if isinstance(reason, str) else reason
    return code.to_bytes(2, "big") + raw


def apply_mask(data: bytes, mask: bytes) -> bytes:
    """Mask or unmask (the same operation)."""
    if not data:
        return b""
    repeated = (mask * (len(data) // 4 + 1))[: len(data)]
    both = int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")
    return both.to_bytes(len(data), "big")


def _shortest(length: int) -> Literal[7, 16, 64]:
    if length < _MARK_16:
        return _FORM_7
    return _FORM_16 if length < 1 << 16 else _FORM_64


def _length_field(length: int, flag: int, form: int) -> bytes:
    if form == _FORM_7:
        if length >= _MARK_16:
            raise ValueError(f"{length} does not fit into seven bits")
        return bytes([flag | length])
    if form == _FORM_16:
        return bytes([flag | _MARK_16]) + length.to_bytes(2, "big")
    return bytes([flag | _MARK_64]) + length.to_bytes(8, "big")


class FrameReader:
    """Cuts a byte stream into frames: `feed` bytes, take the frames that are complete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def partial(self) -> bool:
        """Whether the bytes so far end inside a frame."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Add bytes and return the frames that they complete, in order."""
        self._buffer += data
        frames: list[Frame] = []
        position = 0
        while (found := _frame_at(self._buffer, position)) is not None:
            one, position = found
            frames.append(one)
        del self._buffer[:position]
        return frames


def _frame_at(buffer: bytearray, start: int) -> tuple[Frame, int] | None:
    """The frame at ``start`` and where it ends, or None while it is incomplete."""
    if len(buffer) < start + 2:
        return None
    first, second = buffer[start], buffer[start + 1]
    length, position = second & 0x7F, start + 2
    width = {_MARK_16: 2, _MARK_64: 8}.get(length, 0)
    masked = bool(second & 0x80)
    head_end = position + width + (4 if masked else 0)
    if len(buffer) < head_end:
        return None
    if width:
        length = int.from_bytes(buffer[position : position + width], "big")
    end = head_end + length
    if len(buffer) < end:
        return None
    payload = bytes(buffer[head_end:end])
    if masked:
        payload = apply_mask(payload, bytes(buffer[head_end - 4 : head_end]))
    read = Frame(
        opcode=first & 0x0F,
        payload=payload,
        fin=bool(first & 0x80),
        rsv=(first >> 4) & 7,
        masked=masked,
    )
    return read, end
