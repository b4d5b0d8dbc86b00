"""Numbered server frames, made once and renumbered in place: making them is never the limit.

A block holds a power of ten of equal frames. Their numbers differ from the next block's in the
leading digits only, and at one fixed place of every frame; one slice assignment with a stride
rewrites a digit of all frames at C speed. Most blocks need one such assignment.
"""

from __future__ import annotations

import struct

DIGITS = 8
"""Every payload has its number in so many decimal digits; numbers wrap behind the last."""

PAYLOAD = b'{"n":"%0*d","x":"%s"}'
"""A payload is JSON, as most feeds send it: its number first, then filler."""

NUMBER = slice(6, 6 + DIGITS)
"""Where the digits are in a payload."""

_LEAST = len(PAYLOAD % (DIGITS, 0, b""))

BLOCK_BYTES = 1 << 20
"""A block is at most this big (unless one frame is bigger): large enough for one system call to
carry thousands of small frames, small enough to stay in a core's cache."""

_OPCODES = {"text": 0x1, "binary": 0x2}


MASK = b"\x5a\x13\xe7\x8c"
"""The key of every masked frame. A real one is chosen anew for each, which costs its receiver the
same."""


def header(kind: str, size: int, mask: bytes = b"") -> bytes:
    """The header of a final frame with ``size`` bytes of payload, masked if there is a key."""
    first, mask_bit = 0x80 | _OPCODES[kind], 0x80 if mask else 0
    if size < 126:
        return struct.pack("!BB", first, mask_bit | size) + mask
    if size < 1 << 16:
        return struct.pack("!BBH", first, mask_bit | 126, size) + mask
    return struct.pack("!BBQ", first, mask_bit | 127, size) + mask


def masked(payload: bytes, mask: bytes) -> bytes:
    """A payload under a key, or what was under it (RFC 6455, 5.3): one big-integer XOR."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


class NumberedFrames:
    """An endless run of frames, handed out in blocks.

    Args:
        kind: ``"text"`` or ``"binary"``.
        size: bytes of payload of each frame, at least 21.
        mask: the key that masks each frame, as a client's must be; empty: none.
    """

    def __init__(self, kind: str, size: int, mask: bytes = b"") -> None:
        if size < _LEAST:
            raise ValueError(f"a payload of {size} bytes is too small: {_LEAST} are needed")
        head = header(kind, size, mask)
        self.mask = mask
        self._key = mask or bytes(4)
        self.frame_bytes = len(head) + size
        self._first_digit = len(head) + NUMBER.start
        low_digits = 0
        while low_digits < DIGITS - 1 and 10 ** (low_digits + 1) * self.frame_bytes <= BLOCK_BYTES:
            low_digits += 1
        self._high_digits = DIGITS - low_digits
        self.per_block: int = 10**low_digits
        filler = b"x" * (size - _LEAST)
        self._block = bytearray().join(
            head + masked(PAYLOAD % (DIGITS, number, filler), self._key)
            for number in range(self.per_block)
        )
        self._index = -1
        self._shown = b"0" * self._high_digits

    def next_block(self) -> bytearray:
        """The next frames. The buffer is reused: it must be sent before the next call."""
        self._index += 1
        wanted = b"%0*d" % (self._high_digits, self._index % 10**self._high_digits)
        for place, (old, new) in enumerate(zip(self._shown, wanted, strict=True)):
            if old != new:
                column = slice(self._first_digit + place, None, self.frame_bytes)
                digit = new ^ self._key[(NUMBER.start + place) % 4]
                self._block[column] = bytes([digit]) * self.per_block
        self._shown = wanted
        return self._block
