"""Bytes of one direction of a crossing, as the records of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.chaos.frames import Frame, FrameReader, apply_mask
from longwire.chaos.recording import FrameSeen, More, payload_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.chaos.fault import Direction

_LONGEST_WHOLE: Final = 2**20
"""Bytes; of a longer frame the records hold what came in one read each, and memory little more."""


class Cutter:
    """Cuts bytes into records: one for each frame, more for a frame that is long or cut off.

    Args:
        crossing: Its number.
        direction: Where the bytes come from.
    """

    def __init__(self, crossing: int, direction: Direction) -> None:
        self._crossing = crossing
        self._direction: Direction = direction
        self._reader = FrameReader()
        self._mask: bytes | None = None
        """Of the long frame that is passing."""
        self._passed = 0
        """Bytes of its payload that have."""
        self._lacking = 0
        """Bytes of it still to come."""

    def cut(self, data: bytes, at: int) -> Iterator[FrameSeen | More]:
        """The records of what came; ``at`` in nanoseconds since the recording began."""
        if self._lacking:
            piece, data = data[: self._lacking], data[self._lacking :]
            yield self._more(piece, at)
        for frame in self._reader.feed(data):
            yield self._frame(frame, at)
        if self._reader.missing > _LONGEST_WHOLE:
            yield self._begun(at)

    def rest(self, at: int) -> Iterator[FrameSeen | More]:
        """The records of a frame that will not be whole, as its direction has ended."""
        if self._reader.missing:
            yield self._begun(at)
        elif self._reader.partial:
            yield self._more(self._reader.take_rest(), at)

    def _begun(self, at: int) -> FrameSeen:
        """The record of a frame of which there is only the beginning."""
        missing = self._reader.missing
        raw = self._reader.take_rest()
        frame = Frame(raw, _head_size(raw))
        payload = len(raw) - frame.head
        self._mask, self._passed, self._lacking = frame.mask, payload, missing
        return self._frame(frame, at, size=payload + missing)

    def _more(self, piece: bytes, at: int) -> More:
        if self._lacking and self._mask is not None:
            turn = self._passed % 4
            unmasked = apply_mask(piece, self._mask[turn:] + self._mask[:turn])
        else:
            unmasked = piece
        self._passed += len(piece)
        self._lacking -= min(self._lacking, len(piece))
        return More(at=at, crossing=self._crossing, direction=self._direction, data=unmasked)

    def _frame(self, frame: Frame, at: int, *, size: int | None = None) -> FrameSeen:
        payload = frame.payload
        return FrameSeen(
            at=at,
            crossing=self._crossing,
            direction=self._direction,
            opcode=frame.opcode,
            fin=frame.fin,
            rsv=frame.rsv,
            masked=frame.masked,
            form=_needless_form(frame, len(payload) if size is None else size),
            size=size,
            # A beginning may end within a character.
            **payload_fields(frame.opcode, payload, frame.rsv),  # type: ignore[arg-type]  # one of two names
        )


def _head_size(raw: bytes) -> int:
    form = raw[1] & 0x7F
    return 2 + {126: 2, 127: 8}.get(form, 0) + (4 if raw[1] >= 0x80 else 0)


def _needless_form(frame: Frame, size: int) -> int:
    """Bits of the length field, where fewer would have done; else 0."""
    form = {126: 16, 127: 64}.get(frame.raw[1] & 0x7F, 0)
    enough = 0 if size < 126 else 16 if size < 2**16 else 64
    return form if form > enough else 0
