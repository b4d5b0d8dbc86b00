"""Inflating a message a little at a time, while it comes (RFC 7692, 7.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.errors import ProtocolError
from longwire.link.deflate import FIRST_PART, MOST_STREAMS, TAIL

if TYPE_CHECKING:
    from longwire.link.deflate import Deflate


class Inflation:
    """What has come of one link's compressed messages, and is not inflated yet.

    Give it bytes with `feed`, and `take` what they inflate to while there is some `pending`.

    Args:
        deflate: The codec of the link.
    """

    def __init__(self, deflate: Deflate) -> None:
        self.pending = False
        """`take` may give more, and must be called until it is not pending any more."""
        self._deflate = deflate
        self._rest = memoryview(b"")
        self._final = False
        self._part = 1
        self._streams = 0
        # Nothing has come since the sender ended a stream with a final block.
        self._behind = False

    def feed(self, packed: bytes, *, final: bool) -> None:
        """The next bytes of a message, or the last ones; nothing is pending."""
        self._rest = memoryview(packed + TAIL if final else packed)
        self._final = final
        self._part = max(1, len(self._rest))
        self._streams = 0
        self.pending = True

    def take(self, limit: int) -> bytes:
        """What there is, up to ``limit`` bytes.

        Raises:
            ProtocolError: it cannot be inflated, or has more than `MOST_STREAMS` final blocks.
        """
        made: list[bytes] = []
        while limit > 0:
            if self._behind and self._final and self._rest in (TAIL, TAIL[1:]):
                # The sender ended its stream with the message (RFC 7692, 7.2.3.4).
                self._rest = memoryview(b"")
            plain, used, ended = self._deflate.inflate_some(self._rest[: self._part], limit)
            limit -= len(plain)
            made.append(plain)
            self._note(used, ended=ended)
            if not self._rest and limit > 0:
                self._finish()
                break
        return b"".join(made)

    def _note(self, used: int, *, ended: bool) -> None:
        if ended:
            self._behind = True
            self._streams += 1
            if self._streams > MOST_STREAMS:
                raise ProtocolError(
                    "the peer's compressed message has more than "
                    f"{MOST_STREAMS} deflate streams in a fragment",
                    code=1007,
                )
            # A decompressor copies all that follows a final block.
            self._part = FIRST_PART
        elif used:
            self._behind = False
            self._part *= 2
        self._rest = self._rest[used:]

    def _finish(self) -> None:
        """Everything that came is inflated."""
        self.pending = False
        if self._final:
            self._behind = False
            self._deflate.end_inflating()
