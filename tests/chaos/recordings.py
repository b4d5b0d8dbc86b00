"""Recordings made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.blocks import BlockFile
from longwire.chaos.recording import VERSION, Answered, Asked, Ended, FrameSeen, Header, encode

if TYPE_CHECKING:
    from pathlib import Path

    from longwire.chaos.fault import Direction
    from longwire.chaos.recording import Record
    from longwire.chaos.tap import End

HEADER = Header(version=VERSION, made_by="a test", began_unix_ms=1_700_000_000_000)
MS = 1_000_000
"""Nanoseconds."""


def write_recording(path: Path, *records: Record, header: Header = HEADER) -> Path:
    """A recording of these records, in two blocks."""
    file = BlockFile(path)
    file.write([encode(header)])
    file.write(map(encode, records))
    file.close()
    return path


def opening(
    crossing: int = 1,
    *,
    at: int = 0,
    status: int = 101,
    subprotocol: str | None = None,
    extensions: str | None = None,
) -> tuple[Record, Record]:
    """A request, and 5 ms later its answer; times in milliseconds."""
    asked = Asked(at=at * MS, crossing=crossing, url="ws://feed.example/")
    answered = Answered(
        at=(at + 5) * MS,
        crossing=crossing,
        status=status,
        subprotocol=subprotocol,
        extensions=extensions,
    )
    return asked, answered


def seen(
    at: int, opcode: int, payload: bytes = b"", *, by: Direction = "s2c", crossing: int = 1
) -> FrameSeen:
    """A frame; its time in milliseconds."""
    return FrameSeen(at=at * MS, crossing=crossing, direction=by, opcode=opcode, data=payload)


def ended(at: int, how: End, *, by: Direction = "s2c", crossing: int = 1) -> Ended:
    """An end; its time in milliseconds."""
    return Ended(at=at * MS, crossing=crossing, direction=by, how=how)
