"""Frames as they are on the wire: cut out of a stream, looked at, changed, made by hand.

RFC 6455 section 5.2. Nothing here checks a rule, so that a fault or a test can break any of them;
and nothing here is shared with longwire's own engine, so that the two cannot share a mistake.
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


class Frame(msgspec.Struct, frozen=True):
    """One frame, kept as the bytes that it is on the wire."""

    raw: bytes
    head: int
    """How many of the bytes are its header, with the mask."""

    @property
    def fin(self) -> bool:
        """Whether it is the last fragment of its message."""
        return self.raw[0] >= 0x80

    @property
    def rsv(self) -> int:
        """The three reserved bits as one number: RSV1 is 4, RSV2 is 2, RSV3 is 1."""
        return (self.raw[0] >> 4) & 7

    @property
    def opcode(self) -> int:
        """0 to 15."""
        return self.raw[0] & 0x0F

    @property
    def masked(self) -> bool:
        """Whether its payload is masked, as a client's is."""
        return self.raw[1] >= 0x80

    @property
    def mask(self) -> bytes | None:
        """The four bytes it is masked with."""
        return self.raw[self.head - 4 : self.head] if self.masked else None

    @property
    def payload(self) -> bytes:
        """What it carries, unmasked."""
        payload = self.raw[self.head :]
        mask = self.mask
        return payload if mask is None else apply_mask(payload, mask)

    @property
    def is_data(self) -> bool:
        """Whether it belongs to a message: text, binary, or a continuation."""
        return not self.raw[0] & CLOSE

    @property
    def ends_message(self) -> bool:
        """Whether a message is whole with it."""
        return self.raw[0] & 0x88 == 0x80

    @property
    def is_message(self) -> bool:
        """Whether it is a whole message by itself."""
        return self.ends_message and self.opcode != CONT

    def replaced(
        self,
        *,
        payload: bytes | None = None,
        opcode: int | None = None,
        fin: bool | None = None,
        rsv: int | None = None,
    ) -> Frame:
        """The same frame, masked as before, but for what is given."""
        return make_frame(
            self.opcode if opcode is None else opcode,
            self.payload if payload is None else payload,
            fin=self.fin if fin is None else fin,
            rsv=self.rsv if rsv is None else rsv,
            mask=self.mask,
        )


def make_frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = None
) -> Frame:
    """A frame whose length field is true; see `frame` for the arguments, and for lies."""
    raw = frame(opcode, payload, fin=fin, rsv=rsv, mask=mask)
    return Frame(raw, len(raw) - len(payload))


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

    @property
    def missing(self) -> int:
        """Bytes that the frame begun lacks; 0 where none is begun, or its header is not whole."""
        size = _sizes_at(self._buffer, 0)
        return 0 if size is None else sum(size) - len(self._buffer)

    @property
    def begun(self) -> int:
        """Bytes of payload that the frame begun will have; 0 where its header is not whole."""
        size = _sizes_at(self._buffer, 0)
        return 0 if size is None else size[1]

    def feed(self, data: bytes) -> list[Frame]:
        """Add bytes and return the frames that they complete, in order."""
        buffer = self._buffer
        buffer += data
        frames: list[Frame] = []
        start = 0
        while (sizes := _sizes_at(buffer, start)) is not None:
            end = start + sizes[0] + sizes[1]
            if end > len(buffer):
                break
            frames.append(Frame(bytes(buffer[start:end]), sizes[0]))
            start = end
        del buffer[:start]
        return frames

    def take_beginning(self) -> Frame:
        """Give up a frame that has begun, and whose header is whole: its bytes so far."""
        head, _ = _sizes_at(self._buffer, 0) or (0, 0)
        return Frame(self.take_rest(), head)

    def take_rest(self) -> bytes:
        """Give up the bytes of a frame that is not whole; reading begins anew behind them."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest


def _sizes_at(buffer: bytearray, start: int) -> tuple[int, int] | None:
    """Bytes of header and payload of the frame at ``start``; None while its header is not whole."""
    available = len(buffer) - start
    if available < 2:
        return None
    second = buffer[start + 1]
    length = second & 0x7F
    head = 6 if second >= 0x80 else 2
    if length < _MARK_16:
        return (head, length) if available >= head else None
    width = 2 if length == _MARK_16 else 8
    head += width
    if available < head:
        return None
    return head, int.from_bytes(buffer[start + 2 : start + 2 + width], "big")
