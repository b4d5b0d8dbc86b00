"""Writes down what passes through a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, Self

from longwire.chaos.blocks import BLOCK_BYTES, BlockFile
from longwire.chaos.cutter import Cutter
from longwire.chaos.opening import BLANK_LINE, RequestHead, status_of, target_for
from longwire.chaos.recording import (
    VERSION,
    Answered,
    Asked,
    Ended,
    FrameSeen,
    Header,
    More,
    encode,
)
from longwire.errors import RecordingError
from longwire.link.address import redact
from longwire.version import __version__

if TYPE_CHECKING:
    import os
    from types import TracebackType

    from longwire.chaos.crossing import Crossing
    from longwire.chaos.fault import Direction
    from longwire.chaos.recording import Record
    from longwire.chaos.tap import End

_MOST_PENDING: Final = 2**23
"""Bytes that wait for a slow disk; with more, the proxy reads nothing, and TCP holds both sides."""
_DIRECTIONS: Final[tuple[Direction, ...]] = ("c2s", "s2c")
_RECORD_BYTES: Final = 128
"""What a record takes beside its payload, about."""


class Recorder:
    """The tap that keeps everything in a file, which only its owner may read.

    ::

        async with longwire.chaos.Recorder("session.jsonl.gz") as recorder:
            async with longwire.chaos.Proxy(url, tap=recorder, compression="off") as proxy:
                ...  # whoever connects to proxy.url is recorded

    The file holds the contents of messages. Of the openings it holds the URL without its secrets,
    the status, the subprotocol and the extensions that the server chose, and no other field.

    Args:
        path: Of the file, which must not be there yet.
        flush_every: Seconds after which at the latest what has come is handed to the system, so
            that it stays if the process is killed. 0.5: with the writing that is within a second.

    Raises:
        RecordingError: on entering, the file cannot be made; on leaving, it could not be written
            any more (a full disk, say). `failure` tells of that at once.

    Attributes:
        frames: So many are in the recording, or about to be, unless it has `failed`.
        messages: So many of the server's have ended.
        crossings: So many clients have asked for an opening.
        redirects: So many of them were sent elsewhere, where nobody records.
    """

    def __init__(self, path: str | os.PathLike[str], *, flush_every: float = 0.5) -> None:
        self.path = path
        self.frames = self.messages = self.crossings = self.redirects = 0
        self._flush_every = flush_every
        self._cutters: dict[tuple[int, Direction], Cutter] = {}
        self._pending: list[Record] = []
        self._pending_bytes = self._unwritten = 0
        self._closing = False
        self._some = asyncio.Event()
        """Something is to be written, soon."""
        self._now = asyncio.Event()
        """It is to be written now."""
        self._room = asyncio.Event()
        self._received = asyncio.Event()
        self._failed: RecordingError | None = None
        self._failing = asyncio.Event()
        self._file: BlockFile
        self._writing: asyncio.Task[None]

    @property
    def file_bytes(self) -> int:
        """That are in the file."""
        return self._file.bytes

    @property
    def failed(self) -> bool:
        """Whether the file could not be written any more: what came last is not in it."""
        return self._failed is not None

    # -- its life -----------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        header = Header(
            version=VERSION,
            made_by=f"longwire {__version__}",
            began_unix_ms=time.time_ns() // 1_000_000,
        )
        try:
            self._file = await asyncio.to_thread(_begun, self.path, encode(header))
        except FileExistsError:
            raise RecordingError(
                f"the file {self.path} is there already", hint="a recording overwrites nothing"
            ) from None
        except OSError as error:
            raise self._cannot_write(error) from error
        self._began = time.monotonic_ns()
        self._writing = asyncio.create_task(self._write_all(), name="longwire recorder")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing = True
        self._some.set()
        self._now.set()
        try:
            await self._writing
        finally:
            self._file.close()
        if self._failed is not None and error is None:
            raise self._failed

    async def _write_all(self) -> None:
        while not (self._closing and not self._pending):
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._flush_every):
                    await self._now.wait()
            records, self._pending = self._pending, []
            self._unwritten, self._pending_bytes = self._pending_bytes, 0
            if not self._closing:
                self._some.clear()
                self._now.clear()
            try:
                await asyncio.to_thread(self._file.write, map(encode, records))
            except OSError as error:
                self._failed = self._cannot_write(error)
                self._failing.set()
                return
            finally:
                self._unwritten = 0
                self._room.set()

    def _cannot_write(self, error: OSError) -> RecordingError:
        return RecordingError(f"the file {self.path} cannot be written: {error.strerror}")

    # -- for those who wait -------------------------------------------------------------------

    async def failure(self) -> NoReturn:
        """Wait until the file cannot be written any more.

        Raises:
            RecordingError: that is so.
        """
        await self._failing.wait()
        assert self._failed is not None  # noqa: S101 - it is set first
        raise self._failed

    async def until(self, messages: int) -> None:
        """Wait until so many messages of the server's have ended."""
        while self.messages < messages:
            self._received.clear()
            await self._received.wait()

    async def written(self) -> None:
        """Wait until all that has come so far is handed to the system, or cannot be."""
        while self._failed is None and self._pending_bytes + self._unwritten:
            self._room.clear()
            await self._room.wait()

    # -- the tap ------------------------------------------------------------------------------

    async def ready(self) -> None:
        """Wait while the disk is too slow."""
        while self._failed is None and self._pending_bytes + self._unwritten > _MOST_PENDING:
            self._room.clear()
            await self._room.wait()

    def asked(self, crossing: Crossing) -> None:
        """See `Tap`."""
        self.crossings += 1
        to = crossing.proxy.to
        target = target_for(crossing.target, to.target)
        url = redact(f"{to.scheme}://{to.authority}{target}")
        self._write(Asked(at=self._at(), crossing=crossing.number, url=url))

    def answered(self, crossing: Crossing, head: bytes) -> None:
        """See `Tap`."""
        fields = RequestHead.parse(head.partition(BLANK_LINE)[0])
        status = status_of(head) or 0
        self.redirects += 300 <= status < 400
        self._write(
            Answered(
                at=self._at(),
                crossing=crossing.number,
                status=status,
                subprotocol=_value(fields, b"sec-websocket-protocol"),
                extensions=_value(fields, b"sec-websocket-extensions"),
            )
        )

    def received(self, crossing: Crossing, direction: Direction, data: bytes) -> None:
        """See `Tap`."""
        key = crossing.number, direction
        cutter = self._cutters.get(key)
        if cutter is None:
            cutter = self._cutters[key] = Cutter(*key)
        for record in cutter.cut(data, self._at()):
            self._write_frame(record)

    def ended(self, crossing: Crossing, direction: Direction, how: End) -> None:
        """See `Tap`."""
        at = self._at()
        self._finish(crossing.number, direction, at)
        self._write(Ended(at=at, crossing=crossing.number, direction=direction, how=how))

    def over(self, crossing: Crossing) -> None:
        """See `Tap`."""
        for direction in _DIRECTIONS:
            self._finish(crossing.number, direction, self._at())

    def _finish(self, number: int, direction: Direction, at: int) -> None:
        cutter = self._cutters.pop((number, direction), None)
        if cutter is not None:
            for record in cutter.rest(at):
                self._write_frame(record)

    def _at(self) -> int:
        return time.monotonic_ns() - self._began

    def _write_frame(self, record: FrameSeen | More) -> None:
        text = record.text if isinstance(record, FrameSeen) else None
        self._write(record, _RECORD_BYTES + len(record.data) + len(text or ""))
        if isinstance(record, FrameSeen):
            self.frames += 1
            if record.direction == "s2c" and record.opcode < 8 and record.fin:
                self.messages += not record.lacking
                self._received.set()

    def _write(self, record: Record, size: int = _RECORD_BYTES) -> None:
        if self._failed is not None:
            return
        self._pending.append(record)
        self._pending_bytes += size
        self._some.set()
        if self._pending_bytes >= BLOCK_BYTES:
            self._now.set()


def _begun(path: str | os.PathLike[str], header: bytes) -> BlockFile:
    """A new file that can be told for a recording from its first moment."""
    file = BlockFile(path)
    try:
        file.write([header])
    except OSError:
        file.close()
        # It is ours, and would be in the way of the next attempt.
        Path(path).unlink(missing_ok=True)
        raise
    return file


def _value(head: RequestHead, name: bytes) -> str | None:
    values = head.values(name)
    return b", ".join(values).decode("latin-1") if values else None
