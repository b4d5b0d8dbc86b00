"""Bytes to frames to messages (RFC 6455, section 5), with exact limits.

Compiled in Cython's pure-Python mode; runs uncompiled too. The parser owns the read buffer: the
transport reads straight into it, and it stops in mid-buffer when there is no room for more. It
never raises to its caller: what the peer did wrong is recorded in `Parser.error`, and parsing ends.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

from longwire.errors import LongwireError, MessageTooBig, ProtocolError
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
    from cython.cimports.libc.string import memcpy, memmove
    from cython.cimports.longwire.link.flow import Source
    from cython.cimports.longwire.link.masking import mask_into
else:
    from longwire.link.flow import Source

if TYPE_CHECKING:
    from longwire.link.deflate import Deflate

READ_BUFFER = 135_168
"""Bytes of one read at most: large enough to carry thousands of small messages per system call,
small enough to stay in the second-level cache while it is parsed, and a little more than two frames
of 64 KiB, a common size: of what does not fit the rest would have to be moved for every read."""

FIRST_BUFFER = 16_384
"""The read buffer of a new link, until a read fills it: most links are never that busy, and a
server has many."""

OWN_MEMORY = READ_BUFFER // 2
"""A frame longer than this that is not whole yet gets memory of its own, which the rest is read
straight into. No two of them fit into the buffer, so it costs no more reads, and saves a copy."""

MAX_CONTROL = 125
"""The largest payload of a control frame (RFC 6455, 5.5)."""

NO_LIMIT = 2**62
"""More than can be."""

_TEXT = 1
_BINARY = 2
_PBUF_WRITE = 0x200


@cython.final
@cython.cclass
class Parser(Source):
    """The receiving half of one link.

    Drive it so: read into `get_buffer`, say how much with `filled`, then `parse(room, room_bytes)`
    until it answers; take `fresh` and `controls` after each call.

    Args:
        masked: Whether the peer's frames must be masked: true on the server's side (RFC 6455, 5.1).
        max_message_bytes: The largest message accepted, after inflating.
        max_fragments: The most fragments of one message.
        deflate: The codec, if permessage-deflate was negotiated.
    """

    closing = cython.declare(cython.bint, visibility="readonly")
    """A close frame was seen: whatever follows is ignored."""
    fragmented = cython.declare(cython.longlong, visibility="readonly")
    """Messages ever begun by a fragment, the one under way included."""
    _masked: cython.bint
    _limit: cython.longlong
    _max_fragments: cython.Py_ssize_t
    _deflate: Any
    _buffer: bytearray
    _view: Any
    _capacity: cython.Py_ssize_t
    _head: cython.Py_ssize_t
    _tail: cython.Py_ssize_t
    _fresh: list[Any]
    _alone: cython.bint
    _controls: list[Any]
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
    _decoder: Any

    def __init__(
        self,
        *,
        masked: bool,
        max_message_bytes: int,
        max_fragments: int,
        deflate: Deflate | None = None,
    ) -> None:
        self.error = None
        self.blocked = False
        self.closing = False
        self.fragmented = 0
        self._masked = masked
        # So that no sum of sizes that a peer may announce leaves 64 bits.
        self._limit = min(max_message_bytes, NO_LIMIT)
        self._max_fragments = max_fragments
        self._deflate = deflate
        self._buffer = bytearray(FIRST_BUFFER)
        self._view = memoryview(self._buffer)
        self._capacity = FIRST_BUFFER
        self._head = 0
        self._tail = 0
        self._fresh = []
        self.payload_bytes = 0
        self._alone = False
        self._controls = []
        self._big = None
        self._big_view = None
        self._big_have = 0
        self._big_need = 0
        self._big_first = 0
        self._big_key = b""
        self.opcode = 0
        self._packed = False
        self._parts = []
        self._parts_bytes = 0
        self._decoder = None

    # -- bytes in -----------------------------------------------------------------------------

    @cython.ccall
    def get_buffer(self) -> Any:
        """Memory for the next read, never empty."""
        if self._big is not None and self._big_have < self._big_need:
            return self._big_view[self._big_have :]
        if self._head == self._tail:
            self._head = 0
            self._tail = 0
            return self._view
        if self._head > 0:
            self._compact()
        if self._tail == self._capacity:
            # A transport delivers although it was paused: keep the bytes.
            self._grow(self._capacity * 2)
        return self._view[self._tail :]

    @cython.ccall
    def filled(self, count: cython.Py_ssize_t) -> cython.void:
        """So many bytes were read into what `get_buffer` gave."""
        if self._big is not None and self._big_have < self._big_need:
            self._big_have += count
        else:
            self._tail += count
            if self._tail == self._capacity and self._capacity < READ_BUFFER:
                self._grow(READ_BUFFER)

    def feed(self, data: bytes) -> None:
        """Append bytes that came by another way than `get_buffer`."""
        start = 0
        while start < len(data):
            room: Any = self.get_buffer()
            count = min(len(room), len(data) - start)
            room[:count] = data[start : start + count]
            self.filled(count)
            start += count

    def _compact(self) -> None:
        """Move what is not parsed yet to the front of the buffer."""
        count: cython.Py_ssize_t = self._tail - self._head
        if cython.compiled:
            start: cython.p_char = PyByteArray_AS_STRING(self._buffer)
            memmove(start, start + self._head, count)
        else:
            self._view[:count] = bytes(self._view[self._head : self._tail])
        self._head = 0
        self._tail = count

    def _grow(self, capacity: int) -> None:
        larger = bytearray(capacity)
        larger[: self._tail] = self._view[: self._tail]
        self._buffer = larger
        self._view = memoryview(larger)
        self._capacity = len(larger)

    # -- messages out -------------------------------------------------------------------------

    @property
    def partial(self) -> bool:
        """Whether a frame or a fragmented message is incomplete."""
        return self._head < self._tail or self._big is not None or self.opcode != 0

    @property
    def fragments(self) -> int:
        """Fragments received of the message under way; 0 if there is none."""
        return len(self._parts) if self.opcode else 0

    def take_controls(self) -> list[tuple[int, bytes]]:
        """The control frames of the last `parse`, as (opcode, payload)."""
        controls = self._controls
        self._controls = []
        return controls

    @cython.ccall
    def has_controls(self) -> cython.bint:
        """Whether `take_controls` would give any."""
        return len(self._controls) > 0

    @cython.ccall
    def parse(self, room: cython.Py_ssize_t, room_bytes: cython.longlong) -> list[Any]:
        """Turn what was read into messages, at most ``room`` of them.

        Args:
            room: How many messages may be made.
            room_bytes: How many bytes of payload they may have. Negative: nothing waits, so the
                first message may have any size, but more than one only ``-room_bytes`` bytes. A
                compressed message counts as it is on the wire until it is inflated, so the last
                one may overshoot.

        Returns:
            The messages, in order. `payload_bytes` is their size, `blocked` says whether there
            were more, `error` whether the peer broke the protocol behind them.
        """
        fresh: list[Any] = []
        self._fresh = fresh
        self.payload_bytes = 0
        self.blocked = False
        if self.error is None and not self.closing:
            try:
                self._alone = room_bytes < 0
                self._run(room, -room_bytes if room_bytes < 0 else room_bytes)
            except LongwireError as error:
                self.error = error
            except MemoryError:
                self.error = MessageTooBig(
                    "there is no memory for the message that the peer is sending",
                    limit=self._limit,
                    size=None,
                    blame="peer",
                )
        # The messages are the caller's now: a large one must not live on in here.
        self._fresh = []
        return fresh

    def discard(self) -> None:
        """Forget what was read: the link has ended."""
        self._head = 0
        self._tail = 0

    @cython.cfunc
    def _run(self, room: cython.Py_ssize_t, room_bytes: cython.longlong) -> cython.int:
        first: cython.int
        second: cython.int
        header: cython.Py_ssize_t
        length: cython.longlong
        available: cython.Py_ssize_t
        position: cython.Py_ssize_t
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
        while self._tail - self._head >= 2:
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
    @cython.inline
    def _long_length(self, marker: cython.longlong, at: cython.Py_ssize_t) -> cython.longlong:
        """An extended length, which must be the shortest form (RFC 6455, 5.2)."""
        size: cython.Py_ssize_t = 2 if marker == 126 else 8
        value: cython.ulonglong = 0
        step: cython.Py_ssize_t
        if cython.compiled:
            data: cython.p_uchar = cython.cast(cython.p_uchar, PyByteArray_AS_STRING(self._buffer))
        else:
            data = self._buffer
        for step in range(size):
            value = (value << 8) | data[at + step]
        if value > 0x7FFFFFFFFFFFFFFF:
            raise ProtocolError("the peer sent a frame whose length has the highest bit set")
        if value < 126 or (size == 8 and value < 65_536):
            raise ProtocolError("the peer sent a frame length that is not in its shortest form")
        size_of_frame: cython.longlong = value
        return size_of_frame

    @cython.cfunc
    def _check_header(
        self, first: cython.int, second: cython.int, length: cython.longlong
    ) -> cython.int:
        """All that can be wrong with a header, before its payload is waited for."""
        opcode: cython.int = first & 0x0F
        if bool(second & 0x80) != self._masked:
            raise ProtocolError(
                "the peer sent an unmasked frame"
                if self._masked
                else "the peer sent a masked frame"
            )
        if first & 0x30 or (first & 0x40 and self._deflate is None):
            raise ProtocolError("the peer set reserved bits that no extension explains")
        if first & 0x40 and opcode not in (1, 2):
            raise ProtocolError(
                "the peer set RSV1, which says that a message is compressed, on a frame that "
                "begins none"
            )
        if opcode >= 8:
            if opcode > 10:
                raise ProtocolError(f"the peer sent the reserved opcode {opcode}")
            if not first & 0x80:
                raise ProtocolError("the peer fragmented a control frame")
            if (second & 0x7F) > MAX_CONTROL:
                raise ProtocolError("the peer sent a control frame of more than 125 bytes")
            return 0
        if opcode > 2:
            raise ProtocolError(f"the peer sent the reserved opcode {opcode}")
        if opcode == 0:
            if self.opcode == 0:
                raise ProtocolError("the peer continued a message that had not begun")
            if len(self._parts) >= self._max_fragments:
                raise MessageTooBig(
                    f"the peer cut a message into more than {self._max_fragments} fragments",
                    limit=self._max_fragments,
                    size=None,
                    blame="peer",
                )
        elif self.opcode != 0:
            raise ProtocolError("the peer began a message before the last one was complete")
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
            self._controls.append((opcode, payload))
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
        self._parts = []
        self._parts_bytes = 0
        if self._packed:
            self._packed = False
            self._deliver(opcode, self._deflate.inflate(b"".join(parts), self._limit))
        elif opcode == _TEXT:
            self._decoder = None
            self._fresh.append("".join(parts))
            self.payload_bytes += size
        else:
            self._fresh.append(b"".join(parts))
            self.payload_bytes += size
        return 0

    @cython.cfunc
    def _deliver(self, opcode: cython.int, payload: bytes) -> cython.int:
        if opcode == _BINARY:
            self._fresh.append(payload)
        else:
            try:
                self._fresh.append(payload.decode())
            except UnicodeDecodeError as error:
                raise ProtocolError(
                    f"the peer sent text that is not UTF-8: {error}", code=1007
                ) from None
        self.payload_bytes += len(payload)
        return 0

    def _decode(self, payload: bytes, final: bool) -> str:
        try:
            text: str = self._decoder.decode(payload, final)
        except UnicodeDecodeError as error:
            raise ProtocolError(
                f"the peer sent text that is not UTF-8: {error}", code=1007
            ) from None
        return text

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
            raise ProtocolError(
                f"the peer sent text that is not UTF-8: {error}", code=1007
            ) from None

    @cython.cfunc
    def _unmask(self, start: cython.Py_ssize_t, length: cython.Py_ssize_t) -> cython.int:
        """Unmask a payload in place; its key lies in front of it (RFC 6455, 5.3)."""
        if cython.compiled:
            data: cython.p_uchar = cython.cast(cython.p_uchar, PyByteArray_AS_STRING(self._buffer))
            mask_into(data + start, data + start, length, data + start - 4)
        else:
            self._view[start : start + length] = mask_bytes(
                self._view[start : start + length], self._view[start - 4 : start]
            )
        return 0
