"""What goes over the wire: requests for pages, and the chunks in which a page comes.

A page is 100,000 bytes, so it comes in 24 chunks of 4,096 and one of 1,696. A chunk says where it
belongs: the numbers of its page and of its first byte in it, four bytes each, the highest first.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK: Final = 4_096
PAGE: Final = 100_000
HEAD: Final = struct.Struct(">II")
_PAGES: Final = range(2**32)
_OFFSETS: Final = range(0, PAGE, CHUNK)


def chunks_of(page: int, offset: int = 0) -> Iterator[bytes]:
    """A page from one of its chunks on."""
    for start in range(offset, PAGE, CHUNK):
        yield HEAD.pack(page, start).ljust(min(CHUNK, PAGE - start), b".")


def requested(request: str | bytes) -> tuple[int, int]:
    """The page and the offset that a request asks for.

    Raises:
        ValueError: it is no request.
    """
    match json.loads(request):
        case {"page": int(page), "from": int(offset)} if page in _PAGES and offset in _OFFSETS:
            return page, offset
    raise ValueError("a request has a page, and the place of one of its chunks")


class Place:
    """How far a client has come.

    Attributes:
        chunks: So many have been taken.
        lost: So many bytes never came.
    """

    def __init__(self) -> None:
        self.chunks = 0
        self.lost = 0
        self._next = 0

    def request(self) -> str:
        """Asks for what is missing of the page that is being read."""
        page, offset = divmod(self._next, PAGE)
        return json.dumps({"page": page, "from": offset})

    def take(self, chunk: bytes) -> bool:
        """Count a chunk, unless it has come before; whether the page is complete with it."""
        page, offset = HEAD.unpack_from(chunk)
        start = page * PAGE + offset
        if start < self._next:
            return False
        self.chunks += 1
        self.lost += start - self._next
        self._next = start + len(chunk)
        return self._next % PAGE == 0

    def __str__(self) -> str:
        return f"received {self.chunks} chunks, lost {self.lost} bytes"
