"""Bytes to frames to messages (RFC 6455, section 5), with exact limits.

Compiled in Cython's pure-Python mode; runs uncompiled too. It stops in mid-buffer when there is no
room for more.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

from longwire.errors import MessageTooBig
from longwire.link.framing import NONE, not_utf8
from longwire.link.lender import READ_BUFFER
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
    from cython.cimports.cpython.bytes import PyBytes_AS_STRING, PyBytes_FromStringAndSize
    from cython.cimports.cpython.memoryview import PyMemoryView_FromMemory
    from cython.cimports.cpython.unicode import PyUnicode_DecodeUTF8
    from cython.cimports.libc.string import memcpy
    from cython.cimports.longwire.link.framing import Framing
    from cython.cimports.longwire.link.masking import mask_into
else:
    from longwire.link.framing import Framing

if TYPE_CHECKING:
    from longwire.link.deflate import Deflate
    from longwire.link.lender import Lender

OWN_MEMORY = READ_BUFFER // 2
"""A frame longer than this that is not whole yet gets memory of its own, which the rest is read
straight into. No two of them fit into the buffer, so it costs no more reads, and saves a copy."""

_TEXT = 1
_BINARY = 2
_PBUF_WRITE = 0x200


@cython.final
@cython.cclass
class Parser(Framing):
    """The receiving half of one link that hands over whole messages; see `Framing` for its use.

    Args:
        masked: Whether the peer's frames must be masked: true on the server's side (RFC 6455, 5.1).
        max_message_bytes: The largest message accepted, after inflating.
        max_fragments: The most fragments of one message.
        deflate: The codec, if permessage-deflate was negotiated.
        lender: Whose buffer is read into; None: one of its own.
    """

    _max_fragments: cython.Py_ssize_t
    # A large frame is read straight into its own memory.
    _big: Any
    _big_view: Any
    _big_have: cython.Py_ssize_t
    _big_need: cython.Py_ssize_t
    _big_first: cython.int
    _big_key: bytes
    # A fragmented message under way.
    _packed: cython.bint
    _parts: list[Any]
    _parts_bytes: cython.longlong
    # The opcode of a long message that is inflated in steps; 0 if there is none.
    _long: cython.int

    def __init__(
        self,
        *,
        masked: bool,
        max_message_bytes: int,
        max_fragments: int,
        deflate: Deflate | None = None,
        lender: Lender | None = None,
    ) -> None:
        super().__init__(masked=masked, limit=max_message_bytes, deflate=deflate, lender=lender)
        self._max_fragments = max_fragments
        self._big = None
        self._big_view = None
        self._big_have = 0
        self._big_need = 0
        self._big_first = 0
        self._big_key = b""
        self._packed = False
        self._parts = NONE
        self._parts_bytes = 0
        self._long = 0

    # -- bytes in -----------------------------------------------------------------------------

    @cython.ccall
    def get_buffer(self) -> Any:
        """Memory for the next read, never empty."""
        if self._big is not None and self._big_have < self._big_need:
            return self._big_view[self._big_have :]
        return Framing.get_buffer(self)

    @cython.ccall
    def filled(self, count: cython.Py_ssize_t) -> cython.void:
        """So many bytes were read into what `get_buffer` gave."""
        if self._big is not None and self._big_have < self._big_need:
            self._big_have += count
        else:
            Framing.filled(self, count)

    # -- messages out -------------------------------------------------------------------------

    @property
    def partial(self) -> bool:
        """Whether a frame or a fragmented message is incomplete."""
        return self._big is not None or super().partial

    @property
    def fragments(self) -> int:
        """Fragments received of the message under way; 0 if there is none."""
        return len(self._parts) if self.opcode else 0

    @cython.cfunc
    def _run(self, room: cython.Py_ssize_t, room_bytes: cython.longlong) -> cython.int:
        first: cython.int
        second: cython.int
        header: cython.Py_ssize_t
        length: cython.longlong
        available: cython.Py_ssize_t
        position: cython.Py_ssize_t
        if self._long:
            if not self._has_room(room, room_bytes, self._parts_bytes):
                return 0
            self._deliver_packed(self._long, self._deflate.go_on())
        if self._big is not None:
            if self._big_have < self._big_need:
                return 0
            if not self._has_room(room, room_bytes, self._parts_bytes + self._big_need):
                return 0
            self._finish_big()
        if cython.compiled:
            at: cython.p_uchar = cython.cast(cython.p_uchar, PyByteArray_AS_STRING(self._buffer))
        else:
            at = self._buffer
        while not self._long and self._tail - self._head >= 2:
            first = at[self._head]
            second = at[self._head + 1]
            available = self._tail - self._head
            length = second & 0x7F
            header = 2
            if length >= 126:
                header = 4 if length == 126 else 10
                if available < header:
                    self._check_header(first, second, 0)
                    return 0
                length = self._long_length(length, self._head + 2)
            if second & 0x80:
                header += 4
            # The usual frame is a whole unmasked message; everything else takes the long way.
            if (
                0x81 <= first <= 0x82
                and self.opcode == 0
                and second < 0x80
                and not self._masked
                and length <= self._limit
            ):
                if available < header + length:
                    if header + length > OWN_MEMORY:
                        self._begin_big(first, self._head + header, length, b"")
                    return 0
                if not self._has_room(room, room_bytes, length):
                    return 0
                position = self._head + header
                if first == 0x82:
                    self._fresh.append(self._bytes_at(position, length))
                else:
                    self._fresh.append(self._text_at(position, length))
                self.payload_bytes += length
                self._head = position + length
                continue
            self._check_header(first, second, length)
            if available < header + length:
                if header + length > OWN_MEMORY and available >= header:
                    self._begin_big(
                        first,
                        self._head + header,
                        length,
                        bytes(self._view[self._head + header - 4 : self._head + header])
                        if second & 0x80
                        else b"",
                    )
                return 0
            if first & 0x08 == 0 and not self._has_room(
                room, room_bytes, self._parts_bytes + length
            ):
                return 0
            position = self._head + header
            if second & 0x80:
                self._unmask(position, length)
            self._head = position + length
            self._accept(first, self._bytes_at(position, length))
            if self.closing:
                self._head = self._tail
                return 0
        return 0

    @cython.cfunc
    @cython.inline
    def _has_room(
        self,
        room: cython.Py_ssize_t,
        room_bytes: cython.longlong,
        length: cython.longlong,
    ) -> cython.bint:
        """Whether a frame may be taken that may complete a message; else parsing is blocked."""
        if len(self._fresh) < room:
            if self.payload_bytes + length <= room_bytes:
                return True
            # A message alone in the queue may be larger than the queue's limit in bytes.
            if self._alone and len(self._fresh) == 0:
                return True
        self.blocked = True
        return False

    @cython.cfunc
    def _check_header(
        self, first: cython.int, second: cython.int, length: cython.longlong
    ) -> cython.int:
        """All that can be wrong with a header, before its payload is waited for."""
        self._check_bits(first, second)
        if first & 0x08:
            return 0
        if first & 0x0F == 0 and len(self._parts) >= self._max_fragments:
            raise MessageTooBig(
                f"the peer cut a message into more than {self._max_fragments} fragments",
                limit=self._max_fragments,
                size=None,
                blame="peer",
            )
        # So written, no sum can leave 64 bits, whatever length the peer announces.
        if length > self._limit + self._slack(first) - self._parts_bytes:
            size: Any = self._parts_bytes
            size = size + length
            raise MessageTooBig(
                f"the peer sent a message of at least {size} bytes; the limit is {self._limit}",
                limit=self._limit,
                size=size,
                blame="peer",
            )
        return 0

    @cython.cfunc
    def _slack(self, first: cython.int) -> cython.longlong:
        """By how much a frame may be over the limit: deflate makes incompressible data larger.

        What it inflates to is held to the limit itself. Zlib's smallest memory level puts 5 bytes
        in front of every 127; nobody's overhead is larger.
        """
        if first & 0x40 or (self._packed and first & 0x0F == 0):
            return self._limit // 16 + 64
        return 0

    @cython.cfunc
    def _accept(self, first: cython.int, payload: bytes) -> cython.int:
        """Take one whole frame, unmasked."""
        opcode: cython.int = first & 0x0F
        final: cython.bint = (first & 0x80) != 0
        if opcode >= 8:
            self._add_control(opcode, payload)
            if opcode == 8:
                self.closing = True
            return 0
        if opcode != 0:
            if final and not first & 0x40:
                self._deliver(opcode, payload)
                return 0
            self.fragmented += 1
            self.opcode = opcode
            self._packed = (first & 0x40) != 0
            self._parts = []
            self._parts_bytes = 0
            if opcode == _TEXT and not self._packed:
                self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._parts_bytes += len(payload)
        self._parts.append(payload if self._decoder is None else self._decode(payload, final))
        if final:
            self._join()
        return 0

    @cython.cfunc
    def _join(self) -> cython.int:
        """The last fragment is there: make the message."""
        opcode: cython.int = self.opcode
        parts: list[Any] = self._parts
        size: cython.longlong = self._parts_bytes
        self.opcode = 0
        self._parts = NONE
        self._parts_bytes = 0
        if self._packed:
            self._packed = False
            self._parts_bytes = size
            self._deliver_packed(opcode, self._deflate.begin(b"".join(parts), self._limit))
        elif opcode == _TEXT:
            self._decoder = None
            self._fresh.append("".join(parts))
            self.payload_bytes += size
        else:
            self._fresh.append(b"".join(parts))
            self.payload_bytes += size
        return 0

    @cython.cfunc
    def _deliver_packed(self, opcode: cython.int, payload: Any) -> cython.int:
        """What a step of inflating gave: the message, or None if it needs another."""
        if payload is None:
            self._long = opcode
            self.halfway = self.blocked = True
        else:
            self._long = 0
            self._parts_bytes = 0
            self._deliver(opcode, payload)
        return 0

    @cython.cfunc
    def _deliver(self, opcode: cython.int, payload: bytes) -> cython.int:
        if opcode == _BINARY:
            self._fresh.append(payload)
        else:
            try:
                self._fresh.append(payload.decode())
            except UnicodeDecodeError as error:
                raise not_utf8(error) from None
        self.payload_bytes += len(payload)
        return 0

    # -- large frames ---------------------------------------------------------------------------

    def _begin_big(
        self, first: cython.int, start: cython.Py_ssize_t, need: cython.Py_ssize_t, key: bytes
    ) -> None:
        """Give a large frame memory of its own, and move there what has been read of it."""
        have: cython.Py_ssize_t = self._tail - start
        if cython.compiled:
            big: bytes = PyBytes_FromStringAndSize(cython.NULL, need)
            memory: cython.p_char = PyBytes_AS_STRING(big)
            memcpy(memory, PyByteArray_AS_STRING(self._buffer) + start, have)
            self._big = big
            self._big_view = PyMemoryView_FromMemory(memory, need, _PBUF_WRITE)
        else:
            self._big = bytearray(need)
            self._big_view = memoryview(self._big)
            self._big_view[:have] = self._view[start : self._tail]
        self._big_have = have
        self._big_need = need
        self._big_first = first
        self._big_key = key
        self._head = 0
        self._tail = 0

    def _finish_big(self) -> None:
        """A large frame is complete."""
        if self._big_key:
            self._unmask_big()
        self._big_view = None
        payload = bytes(self._big)
        self._big = None
        self._accept(self._big_first, payload)

    def _unmask_big(self) -> None:
        if cython.compiled:
            key: cython.p_uchar = cython.cast(cython.p_uchar, PyBytes_AS_STRING(self._big_key))
            data: cython.p_uchar = cython.cast(cython.p_uchar, PyBytes_AS_STRING(self._big))
            mask_into(data, data, self._big_need, key)
        else:
            self._big_view[:] = mask_bytes(self._big, self._big_key)

    # -- the buffer's contents ----------------------------------------------------------------

    @cython.cfunc
    @cython.inline
    def _bytes_at(self, start: cython.Py_ssize_t, length: cython.Py_ssize_t) -> bytes:
        if cython.compiled:
            return PyBytes_FromStringAndSize(PyByteArray_AS_STRING(self._buffer) + start, length)
        return bytes(self._view[start : start + length])

    @cython.cfunc
    def _text_at(self, start: cython.Py_ssize_t, length: cython.Py_ssize_t) -> str:
        try:
            if cython.compiled:
                return PyUnicode_DecodeUTF8(
                    PyByteArray_AS_STRING(self._buffer) + start, length, "strict"
                )
            return str(self._view[start : start + length], "utf-8")
        except UnicodeDecodeError as error:
            raise not_utf8(error) from None
