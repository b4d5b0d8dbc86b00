"""What a recording says of one crossing, as the server in it must be played."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Final

import msgspec

from longwire.chaos.frames import CLOSE, PING, PONG
from longwire.chaos.recording import Answered, Asked, Ended, FrameSeen, More, Record

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from longwire.chaos.recording import Recording

_CHUNK: Final = 256
"""Records that are fetched at once."""


class Script(msgspec.Struct, kw_only=True):
    """One crossing. Times are those of the recording.

    Attributes:
        crossing: Its number in the recording.
        offset: Where in the file it begins.
        asked: When the opening request came.
        answered: The answer; None: there was none.
        deaf_from: When a ping came that was not answered, nor any after it, though the crossing
            lived on; None: there was none such.
        left: When the client began to end it, with a close frame or without; None: it did not.
        ended: How the server ended it, if it was the first to do so. None: it did not, or the
            recording does not go so far.
        messages: That the server sent.
    """

    crossing: int
    offset: int
    asked: int
    answered: Answered | None = None
    deaf_from: int | None = None
    left: int | None = None
    ended: Ended | None = None
    messages: int = 0

    def sends(self, record: Record) -> bytes:
        """What the server sends at a record, to be played; often nothing.

        Its pongs are left out, as they belong to the pings of the client that was recorded; and so
        is its close frame where that client was the first to send one.
        """
        if record.crossing != self.crossing:
            return b""
        match record:
            case FrameSeen(direction="s2c", opcode=opcode, at=at):
                answers = opcode == CLOSE and self.left is not None and self.left <= at
                return b"" if opcode == PONG or answers else record.raw
            case More(direction="s2c", data=data):
                return data
            case _:
                return b""

    def receives(self, record: Record) -> bool:
        """Whether it is the end of a message that the client sent."""
        match record:
            case FrameSeen(direction="c2s", opcode=opcode, fin=True):
                return opcode < CLOSE and record.crossing == self.crossing
            case _:
                return False


def scripts_of(recording: Recording) -> list[Script]:
    """All crossings of a recording, in the order in which their clients asked.

    Reads the whole file; memory does not grow with it, but for the crossings.

    Raises:
        RecordingError: the file cannot be read.
    """
    readers: dict[int, _Reader] = {}
    for offset, record in recording.find():
        if isinstance(record, Asked):
            script = Script(crossing=record.crossing, offset=offset, asked=record.at)
            readers[record.crossing] = _Reader(script)
        elif record.crossing in readers:
            readers[record.crossing].note(record)
    return [reader.script for reader in readers.values()]


class _Reader:
    """Makes the script of one crossing."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._pings: list[tuple[bytes, int]] = []
        """The client's that were not answered so far."""

    def note(self, record: Record) -> None:
        match record:
            case Answered():
                self.script.answered = record
            case Ended():
                self._note_end(record)
            case FrameSeen(direction="c2s", opcode=opcode):
                if opcode == PING:
                    self._pings.append((record.payload, record.at))
                elif opcode == CLOSE:
                    self._note_left(record.at)
            case FrameSeen(opcode=opcode):
                self.script.messages += opcode < CLOSE and record.fin
                if opcode == PONG:
                    self._note_pong(record.payload)
            case _:
                pass

    def _note_pong(self, payload: bytes) -> None:
        for place, (sent, _) in enumerate(self._pings):
            if sent == payload:
                # RFC 6455, 5.5.3: with the latest ping those before it are answered, too.
                del self._pings[: place + 1]
                return

    def _note_end(self, end: Ended) -> None:
        if end.direction == "c2s":
            self._note_left(end.at)
        elif self.script.left is None:
            self.script.ended = end
        # Without an end, a ping may have lacked no more than the rest of the recording.
        if self._pings and self.script.deaf_from is None:
            self.script.deaf_from = self._pings[0][1]

    def _note_left(self, at: int) -> None:
        if self.script.left is None and self.script.ended is None:
            self.script.left = at


async def records_of(script: Script, recording: Recording) -> AsyncGenerator[Record, None]:
    """The records of a crossing in their order, read from the file in another thread.

    Close it (``contextlib.aclosing``), which closes the file.
    """
    found = (one.record for one in recording.find(script.offset))
    mine = (one for one in found if one.crossing == script.crossing)
    while chunk := await _fetch(mine):
        for record in chunk:
            yield record


async def _fetch(records: Iterator[Record]) -> list[Record]:
    fetching = asyncio.get_running_loop().run_in_executor(
        None, lambda: list(itertools.islice(records, _CHUNK))
    )
    try:
        return await asyncio.shield(fetching)
    except asyncio.CancelledError:
        # The thread must be out of the generator before that can be closed.
        await fetching
        raise
