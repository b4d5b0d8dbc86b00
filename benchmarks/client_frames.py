"""What a client sent: small masked frames."""

from __future__ import annotations

import struct

from benchmarks.frames import masked

CLOSE, PING, PONG = 0x8, 0x9, 0xA


class ClientFrames:
    """Collects bytes and hands out whole frames as ``(opcode, payload)``."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The frames that ``data`` completes, in order."""
        buffer = self._buffer + data if self._buffer else data
        frames: list[tuple[int, bytes]] = []
        position = 0
        while (end := _frame_end(buffer, position)) is not None:
            mask_start, frame_end = end
            frames.append((buffer[position] & 0x0F, _unmask(buffer, mask_start, frame_end)))
            position = frame_end
        self._buffer = buffer[position:]
        return frames


def _frame_end(buffer: bytes, start: int) -> tuple[int, int] | None:
    """Where the mask and the end of the frame at ``start`` are; None while it is incomplete."""
    if len(buffer) < start + 2:
        return None
    size, mask_start = buffer[start + 1] & 0x7F, start + 2
    extended = {126: "!H", 127: "!Q"}.get(size)
    if extended is not None:
        mask_start += struct.calcsize(extended)
        if len(buffer) < mask_start:
            return None
        (size,) = struct.unpack_from(extended, buffer, start + 2)
    frame_end = mask_start + 4 + size
    return (mask_start, frame_end) if len(buffer) >= frame_end else None


def _unmask(buffer: bytes, mask_start: int, end: int) -> bytes:
    return masked(buffer[mask_start + 4 : end], buffer[mask_start : mask_start + 4])
