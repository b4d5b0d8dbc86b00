"""The start of an HTTP body: enough to show a person why an opening was rejected. Sans-I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from longwire.link.headers import Headers

_LONGEST_CHUNK_LINE: Final = 256
_NO_LINE_END: Final = re.compile(rb"[^\r\n]")
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;.*)?")


class Body:
    """Collects a response's body up to a limit. Call `feed` until `complete`; nothing raises.

    A body that is cut short, badly framed or too long is simply what came of it: it is shown to
    people and logs, never parsed.

    Args:
        status: The response's status: some have no body (RFC 9112, 6.3).
        headers: The response's fields.
        limit: Bytes to keep; with one more the body counts as complete.
    """

    def __init__(self, status: int, headers: Headers, limit: int) -> None:
        self._content = bytearray()
        self._limit = limit
        self._raw = bytearray()
        self._position = 0
        self._chunk = 0
        self._chunked = headers.get("transfer-encoding", "").lower().endswith("chunked")
        self._left = _content_length(headers)
        self.complete = status in (204, 304) or (self._left == 0 and not self._chunked)

    @property
    def content(self) -> bytes:
        """What has come so far, without chunk framing."""
        return bytes(self._content)

    def feed(self, data: bytes) -> None:
        """Take what was received behind the head."""
        if self.complete:
            return
        if self._chunked:
            self._feed_chunked(data)
        elif self._left is None:
            self._keep(data)
        else:
            self._keep(data[: self._left])
            self._left -= min(len(data), self._left)
            if self._left == 0:
                self.complete = True

    def _keep(self, data: bytes | bytearray) -> None:
        room = self._limit - len(self._content)
        self._content += data[:room]
        if len(data) > room:
            self.complete = True

    def _feed_chunked(self, data: bytes) -> None:
        self._raw += data
        self._position = 0
        while not self.complete:
            if self._chunk:
                part = self._raw[self._position : self._position + self._chunk]
                if not part:
                    break
                self._position += len(part)
                self._chunk -= len(part)
                self._keep(part)
            elif not self._next_chunk():
                break
        # Once for all chunks: each time moves what is left.
        del self._raw[: self._position]

    def _next_chunk(self) -> bool:
        """Read a chunk's size line, if it is there, with the line end of the chunk before."""
        begin = _NO_LINE_END.search(self._raw, self._position)
        self._position = start = begin.start() if begin else len(self._raw)
        end = self._raw.find(b"\r\n", start)
        if end < 0:
            self.complete = len(self._raw) - start > _LONGEST_CHUNK_LINE
            return False
        size = _CHUNK_SIZE.fullmatch(self._raw, start, end)
        self._position = end + 2
        self._chunk = int(size[1], 16) if size else 0
        # The last chunk has size 0; its trailer fields are of no interest.
        self.complete = self._chunk == 0
        return not self.complete


def _content_length(headers: Headers) -> int | None:
    value = headers.get("content-length", "")
    # Anything but one number means: until the end of the connection.
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 18 else None
