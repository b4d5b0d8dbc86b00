"""Bytes to frames to pieces of messages, for who wants messages while they come.

Compiled in Cython's pure-Python mode; runs uncompiled too. A fragment is handed over when it is
there; of one that is larger than `PIECE`, and of what inflates to more, so much at a time. What a
message has in all is never kept, so nothing limits it.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

from longwire.core.pieces import Piece
from longwire.link.inflation import Inflation
from longwire.link.masking import mask_bytes

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if cython.compiled:
    from cython.cimports.cpython.bytearray import PyByteArray_AS_STRING
    from cython.cimports.cpython.bytes import PyBytes_AS_STRING
    from cython.cimports.longwire.link.framing import Framing
    from cython.cimports.longwire.link.masking import mask_into
else:
    from longwire.link.framing import Framing

if TYPE_CHECKING:
    from longwire.link.deflate import Deflate
    from longwire.link.lender import Lender

PIECE = 65_536
"""Bytes of payload that are handed over at once, at most: it fits into the read buffer twice, and
is large enough that the calls for each do not count."""

_TEXT = 1


@cython.final
@cython.cclass
class StreamParser(Framing):
    """The receiving half of one link that hands over pieces; see `Framing` for its use.

    `fragmented` goes on with every fragment and whenever bytes of one have come: the time limit
    for fragments is one for the next of them, not for the whole message, which may take for ever.

    Args:
        masked: Whether the peer's frames must be masked: true on the server's side (RFC 6455, 5.1).
        max_message_bytes: The most bytes that are handed over at once, if less than `PIECE`.
        deflate: The codec, if permessage-deflate was negotiated.
        lender: Whose buffer is read into; None: one of its own.
    """

    _piece: cython.Py_ssize_t
    # The message under way.
    _first: cython.bint
    _packed: cython.bint
    _inflation: Any
    # Bytes of a character that was cut in two: they come with the next piece.
    _held: cython.Py_ssize_t
    # The frame of it under way, whose header has been read.
    _inside: cython.bint
    _final: cython.bint
    _left: cython.longlong
    _key: bytes
    _seen: cython.Py_ssize_t

    def __init__(
        self,
        *,
        masked: bool,
        max_message_bytes: int,
        deflate: Deflate | None = None,
        lender: Lender | None = None,
    ) -> None:
        super().__init__(masked=masked, limit=max_message_bytes, deflate=deflate, lender=lender)
        self._piece = min(max_message_bytes, PIECE)
        self._first = False
        self._packed = False
        self._inflation = None if deflate is None else Inflation(deflate)
        self._held = 0
        self._inside = False
        self._final = False
        self._left = 0
        self._key = b""
        self._seen = 0

    @cython.cfunc
    def _run(self, room: cython.Py_ssize_t, room_bytes: cython.longlong) -> cython.int:
        count: cython.Py_ssize_t
        while True:
            if self._packed and self._inflation.pending:
                if not self._has_room(room, room_bytes, self._piece):
                    return 0
                plain: bytes = self._inflation.take(self._most())
                self._hand_over(
                    plain, self._final and not self._inside and not self._inflation.pending
                )
            elif self._inside:
                count = min(self._most(), self._left)
                if self._tail - self._head < count:
                    self._note_progress()
                    return 0
                if not self._packed and not self._has_room(room, room_bytes, count):
                    return 0
                self._take(count)
            elif not self._read_header():
                return 0

    @cython.cfunc
    def _most(self) -> cython.Py_ssize_t:
        """Bytes that the next piece may add to what is held; one at least, so that it goes on."""
        return self._piece - self._held if self._piece > self._held else 1

    @cython.cfunc
    def _has_room(
        self,
        room: cython.Py_ssize_t,
        room_bytes: cython.longlong,
        length: cython.longlong,
    ) -> cython.bint:
        """Whether a piece may be handed over; else parsing is blocked."""
        if len(self._fresh) < room:
            if self.payload_bytes + length <= room_bytes:
                return True
            # A piece alone in the queue may be larger than the queue's limit in bytes.
            if self._alone and len(self._fresh) == 0:
                return True
        self.blocked = True
        return False

    # -- headers ------------------------------------------------------------------------------

    @cython.cfunc
    def _read_header(self) -> cython.bint:
        """Read a frame's header, and a control frame whole; False if there is nothing to go on."""
        available: cython.Py_ssize_t = self._tail - self._head
        header: cython.Py_ssize_t = 2
        if available < 2:
            return False
        first: cython.int = self._buffer[self._head]
        second: cython.int = self._buffer[self._head + 1]
        length: cython.longlong = second & 0x7F
        self._check_bits(first, second)
        if length >= 126:
            header = 4 if length == 126 else 10
            if available < header:
                return False
            length = self._long_length(length, self._head + 2)
        if second & 0x80:
            header += 4
        if available < header:
            return False
        if first & 0x08:
            return self._take_control(first & 0x0F, self._head + header, length)
        self._key = (
            bytes(self._view[self._head + header - 4 : self._head + header])
            if second & 0x80
            else b""
        )
        self._head += header
        self._begin_frame(first, length)
        return True

    @cython.cfunc
    def _take_control(
        self, opcode: cython.int, position: cython.Py_ssize_t, length: cython.Py_ssize_t
    ) -> cython.bint:
        """A control frame, if it is there; it may come between the fragments of a message."""
        if self._tail < position + length:
            return False
        if self._masked:
            self._unmask(position, length)
        self._add_control(opcode, bytes(self._view[position : position + length]))
        self._head = position + length
        if opcode == 8:
            self.closing = True
            self._head = self._tail
            return False
        return True

    def _begin_frame(self, first: cython.int, length: cython.longlong) -> None:
        opcode: cython.int = first & 0x0F
        if opcode != 0:
            self.opcode = opcode
            self._first = True
            self._packed = (first & 0x40) != 0
            self._decoder = codecs.getincrementaldecoder("utf-8")() if opcode == _TEXT else None
        self._final = (first & 0x80) != 0
        self._left = length
        self._inside = True
        self._seen = 0
        self.fragmented += 1

    # -- payloads -----------------------------------------------------------------------------

    @cython.cfunc
    def _note_progress(self) -> cython.int:
        """The rest of a piece is waited for: has any of it come since the last look?"""
        if self._tail - self._head > self._seen:
            self._seen = self._tail - self._head
            self.fragmented += 1
        return 0

    @cython.cfunc
    def _take(self, count: cython.Py_ssize_t) -> cython.int:
        """So many bytes of the frame under way, which are there."""
        if self._key:
            self._unmask_part(count)
        payload: bytes = bytes(self._view[self._head : self._head + count])
        self._head += count
        self._left -= count
        self._inside = self._left > 0
        self._seen = 0
        self.fragmented += 1
        last: cython.bint = self._final and not self._inside
        if self._packed:
            self._inflation.feed(payload, final=last)
        else:
            self._hand_over(payload, last)
        return 0

    @cython.cfunc
    def _unmask_part(self, count: cython.Py_ssize_t) -> cython.int:
        """Unmask the next bytes in place, and turn the key so that it fits those behind them."""
        start: cython.Py_ssize_t = self._head
        if cython.compiled:
            key: cython.p_uchar = cython.cast(cython.p_uchar, PyBytes_AS_STRING(self._key))
            data: cython.p_uchar = cython.cast(cython.p_uchar, PyByteArray_AS_STRING(self._buffer))
            mask_into(data + start, data + start, count, key)
        else:
            part = self._view[start : start + count]
            part[:] = mask_bytes(part, self._key)
        turn: cython.Py_ssize_t = count % 4
        self._key = self._key[turn:] + self._key[:turn]
        return 0

    @cython.cfunc
    def _hand_over(self, payload: bytes, last: cython.bint) -> cython.int:
        size: cython.Py_ssize_t = len(payload)
        data: Any = payload
        if self._decoder is not None:
            data = self._decode(payload, last)
            if size > 0:
                # What ends with an ASCII character ends with a whole one.
                self._held = len(self._decoder.getstate()[0]) if payload[-1:] >= b"\x80" else 0
        if size > 0 or last:
            self._fresh.append(Piece(data, size, self._first, last))
            self.payload_bytes += size
            self._first = False
        if last:
            self.opcode = 0
            self._packed = False
            self._decoder = None
            self._held = 0
        return 0
