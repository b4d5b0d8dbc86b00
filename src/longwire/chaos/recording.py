"""A recording: what passed through a proxy in both directions, in a file.

The file is gzip, in members of some 64 KiB that can each be read alone; inside there is one JSON
object a line, which has its kind in ``record``. The first is the `Header`; the other kinds are the
structs below, whose fields are left out where they have their default. ``docs/recording.md``
describes it for other programs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import msgspec

from longwire.chaos.blocks import DamagedError, read_blocks
from longwire.chaos.fault import Direction
from longwire.chaos.frames import CONT, TEXT, frame
from longwire.chaos.tap import End
from longwire.errors import RecordingError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

VERSION: Final = 1

Nanoseconds = Annotated[int, msgspec.Meta(ge=0)]
"""Of the monotonic clock, since the recording began."""
Number = Annotated[int, msgspec.Meta(ge=1)]
"""Of a crossing: a connection through the proxy, from 1."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="record"):
    """The base of all kinds."""


class Header(_Record, frozen=True, kw_only=True, tag="longwire-recording"):
    """What the file is; its first record."""

    version: int
    made_by: str
    began_unix_ms: int


class Asked(_Record, frozen=True, kw_only=True, tag="asked"):
    """A client's opening request came."""

    at: Nanoseconds
    crossing: Number
    url: str
    """Where to, its secrets removed."""


class Answered(_Record, frozen=True, kw_only=True, tag="answered"):
    """The head of the answer came."""

    at: Nanoseconds
    crossing: Number
    status: Annotated[int, msgspec.Meta(ge=0, le=999)]
    """101, or why not; 0: it was no HTTP."""
    subprotocol: str | None = None
    extensions: str | None = None


class FrameSeen(_Record, frozen=True, kw_only=True, tag="frame"):
    """A frame came: all of it, or its beginning and in `More` the rest."""

    at: Nanoseconds
    """When the last of the bytes that are here came."""
    crossing: Number
    direction: Direction
    opcode: Annotated[int, msgspec.Meta(ge=0, le=15)]
    fin: bool = True
    rsv: Annotated[int, msgspec.Meta(ge=0, le=7)] = 0
    masked: bool = False
    """Whether it was; what is here is not."""
    form: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    """Bits of the length field, where it was not the shortest possible: 16 or 64."""
    size: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """Bytes of the whole payload, where not all of it is here."""
    text: str | None = None
    """The payload, where it is UTF-8 and belongs to a text message; or else:"""
    data: bytes = b""
    """Base64 in the file."""

    @property
    def payload(self) -> bytes:
        """What is here of it."""
        return self.data if self.text is None else self.text.encode()

    @property
    def lacking(self) -> int:
        """Bytes that are not here."""
        return 0 if self.size is None else max(0, self.size - len(self.payload))

    @property
    def raw(self) -> bytes:
        """The same as a server sends it, without a mask."""
        return frame(
            self.opcode,
            self.payload,
            fin=self.fin,
            rsv=self.rsv,
            length=self.size,
            form=16 if self.form == 16 else 64 if self.form == 64 else None,
        )


class More(_Record, frozen=True, kw_only=True, tag="more"):
    """Bytes that belong to the frame before; or the first of a header that never became whole."""

    at: Nanoseconds
    crossing: Number
    direction: Direction
    data: bytes


class Ended(_Record, frozen=True, kw_only=True, tag="ended"):
    """The side that a direction comes from ended its connection."""

    at: Nanoseconds
    crossing: Number
    direction: Direction
    how: End


Record = Asked | Answered | FrameSeen | More | Ended

_decode: Final = msgspec.json.Decoder(Header | Record).decode
encode: Final = msgspec.json.Encoder().encode
"""One record as a line, without the line's end."""


def payload_fields(opcode: int, payload: bytes, rsv: int = 0) -> dict[str, str | bytes]:
    """How a `FrameSeen` holds a payload: so that a person can read it, where it is text.

    With a reserved bit it is not: what is compressed is UTF-8 by chance only.
    """
    if opcode in {CONT, TEXT} and not rsv:
        try:
            return {"text": payload.decode()}
        except UnicodeDecodeError:
            pass
    return {"data": payload} if payload else {}


class Found(NamedTuple):
    """A record, and where to begin to read in order to read it again."""

    offset: int
    record: Record


class Recording:
    """A recording that was opened by `read_recording`. Iterating it reads the file anew, lazily.

    Attributes:
        path: Of the file.
        header: Its first record.
        damage: After it was iterated to its end: what is wrong with that; None: nothing. A file
            that was cut off, as by a full disk, is read as far as it is whole.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self.damage: str | None
        first = next(self._lines(0), None)
        if first is None:
            raise self._unreadable(self.damage or "is empty")
        header = self._decoded(first[1], "is no recording of longwire's")
        if not isinstance(header, Header):
            raise self._unreadable("is no recording of longwire's: it has no header")
        if header.version > VERSION:
            raise self._unreadable(
                f"is a recording of version {header.version}; this longwire reads up to {VERSION}"
            )
        self.header = header

    def __iter__(self) -> Iterator[Record]:
        for found in self.find():
            yield found.record

    def find(self, offset: int = 0) -> Iterator[Found]:
        """The records from an offset of `Found` on.

        Raises:
            RecordingError: the file cannot be read any more, or holds what is no record.
        """
        for at, line in self._lines(offset):
            record = self._decoded(line, f"holds what is no record, in the block at byte {at}")
            if not isinstance(record, Header):
                yield Found(at, record)

    def _lines(self, offset: int) -> Iterator[tuple[int, bytes]]:
        self.damage = None
        try:
            with open(self.path, "rb") as file:  # noqa: PTH123 - a path or a string
                file.seek(offset)
                for block in read_blocks(file):
                    for line in block.lines.split(b"\n"):
                        if line:
                            yield block.offset, line
        except OSError as error:
            raise self._unreadable(f"cannot be read: {error.strerror}") from error
        except DamagedError as error:
            if error.offset == 0 and not error.truncated:
                raise self._unreadable("is no recording of longwire's") from None
            what = "is cut off" if error.truncated else "is damaged"
            self.damage = f"{what} behind its first {error.offset:,} bytes"

    def _decoded(self, line: bytes, otherwise: str) -> Header | Record:
        try:
            return _decode(line)
        except msgspec.MsgspecError:
            # Not its text, which may quote what was recorded.
            raise self._unreadable(otherwise) from None

    def _unreadable(self, what: str) -> RecordingError:
        return RecordingError(f"the file {self.path} {what}")


def read_recording(path: str | os.PathLike[str]) -> Recording:
    """Open a recording.

    ::

        for record in longwire.chaos.read_recording("session.jsonl.gz"):
            match record:
                case FrameSeen(direction="s2c", text=str(text)):
                    print(text)

    Raises:
        RecordingError: there is none at the path, or a later version.
    """
    return Recording(path)
