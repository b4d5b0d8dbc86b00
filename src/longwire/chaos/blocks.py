"""The blocks of a recording: lines, compressed so that each block can be read without the others.

A block is a gzip member of its own, and a file of them is an ordinary gzip file. What is handed to
the system is whole, whatever becomes of the process afterwards.
"""

from __future__ import annotations

import os
import threading
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

BLOCK_BYTES: Final = 2**16
"""A block is written as soon as its lines have so many bytes."""
_MOST: Final = 2**24
"""Bytes of lines in one block; more than we ever write, so more is not ours: a bomb perhaps."""
_GZIP: Final = 31
"""What zlib calls a gzip member with a window of 32 KiB."""
_READ: Final = 2**16


class Block(NamedTuple):
    """One block, inflated."""

    offset: int
    """Where it begins in the file."""
    lines: bytes


class DamagedError(Exception):
    """What follows in the file is no whole block.

    Args:
        offset: Where it begins.
        truncated: The file ends within it; else it is something else.
    """

    def __init__(self, offset: int, *, truncated: bool) -> None:
        super().__init__(offset)
        self.offset = offset
        self.truncated = truncated


class BlockFile:
    """A new file that only its owner may read, for blocks. Its methods may be called in any thread.

    Args:
        path: Where. Nothing may be there yet.

    Raises:
        OSError: it cannot be made; `FileExistsError` where there is something.

    Attributes:
        bytes: That are in the file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = open(path, "xb", buffering=0, opener=_private)  # noqa: SIM115 - see close
        self._lock = threading.Lock()
        self.bytes = 0

    def write(self, lines: Iterable[bytes]) -> None:
        """Write lines, without their ends, in as many blocks as they need. Nothing once closed.

        Raises:
            OSError: the disk is full, say.
        """
        gathered = bytearray()
        for line in lines:
            gathered += line
            gathered += b"\n"
            if len(gathered) >= BLOCK_BYTES:
                self._write_block(gathered)
                gathered.clear()
        if gathered:
            self._write_block(gathered)

    def _write_block(self, lines: bytearray) -> None:
        packer = zlib.compressobj(wbits=_GZIP)
        rest = memoryview(packer.compress(lines) + packer.flush())
        with self._lock:
            while rest and not self._file.closed:
                # A raw file may take less than it is given.
                written = self._file.write(rest) or 0
                self.bytes += written
                rest = rest[written:]

    def close(self) -> None:
        """Close it, behind the block that is being written. Safe to repeat."""
        with self._lock:
            self._file.close()


def read_blocks(file: BinaryIO) -> Iterator[Block]:
    """The blocks from where the file stands to its end.

    Raises:
        DamagedError: behind the last block that is whole there is something else.
        OSError: it cannot be read.
    """
    data = b""
    while True:
        offset = file.tell() - len(data)
        data = data or file.read(_READ)
        if not data:
            return
        inflater = zlib.decompressobj(wbits=_GZIP)
        lines = bytearray()
        while not inflater.eof:
            data = data or file.read(_READ)
            if not data:
                raise DamagedError(offset, truncated=True)
            try:
                lines += inflater.decompress(data, _MOST + 1 - len(lines))
            except zlib.error:
                raise DamagedError(offset, truncated=False) from None
            if len(lines) > _MOST:
                raise DamagedError(offset, truncated=False)
            data = inflater.unused_data or inflater.unconsumed_tail
        yield Block(offset, bytes(lines))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
