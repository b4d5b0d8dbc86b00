"""Bytes to frames (RFC 6455, section 5): what every parser has in common.

Compiled in Cython's pure-Python mode; runs uncompiled too. What was read and is not parsed yet; the
rules for a frame's header; control frames; and `parse`, which never raises
to its caller: what the peer did wrong is recorded in `Framing.error`, and parsing ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from longwire.errors import LongwireError, MessageTooBig, ProtocolError
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
    from cython.cimports.cpython.bytearray import (
        PyByteArray_AS_STRING,
        PyByteArray_FromStringAndSize,
    )
    from cython.cimports.libc.string import memcpy, memmove
    from cython.cimports.longwire.link.flow import Source
    from cython.cimports.longwire.link.lender import Lender
    from cython.cimports.longwire.link.masking import mask_into
else:
    from longwire.link.flow import Source
    from longwire.link.lender import Lender

if TYPE_CHECKING:
    from longwire.link.deflate import Deflate

SMALL_REST = 4096
"""Up to so many bytes of a frame wait for their rest in memory of their own, and the read buffer
goes back to the other links; copying them there and back costs less than a buffer for each link."""

MAX_CONTROL = 125
"""The largest payload of a control frame (RFC 6455, 5.5)."""

NO_LIMIT = 2**62
"""More than can be."""

NONE: list[Any] = []
"""No messages, fragments or control frames, while there are none; never added to."""
_NO_BYTES = bytearray()
_NO_VIEW = memoryview(_NO_BYTES)


def not_utf8(error: UnicodeDecodeError) -> ProtocolError:
    """What is wrong with text that cannot be decoded."""
    return ProtocolError(f"the peer sent text that is not UTF-8: {error}", code=1007)


@cython.cclass
class Framing(Source):
    """The receiving half of one link, but for what becomes of its data frames.

    Drive it so: read into `get_buffer`, say how much with `filled`, then `parse(room, room_bytes)`
    until it answers; take the messages and `take_controls` after each call.

    Args:
        masked: Whether the peer's frames must be masked: true on the server's side (RFC 6455, 5.1).
        limit: The largest message accepted, in bytes.
        deflate: The codec, if permessage-deflate was negotiated.
        lender: Whose buffer is read into; None: one of its own.
    """

    if TYPE_CHECKING:
        closing: bool
        """A close frame was seen: whatever follows is ignored."""
        fragmented: int
        """Goes on with each message that is begun by a fragment, the one under way included."""

    def __init__(
        self,
        *,
        masked: bool,
        limit: int,
        deflate: Deflate | None = None,
        lender: Lender | None = None,
    ) -> None:
        self.error = None
        self.blocked = False
        self.halfway = False
        self.payload_bytes = 0
        self.opcode = 0
        self.closing = False
        self.fragmented = 0
        self._masked = masked
        # So that no sum of sizes that a peer may announce leaves 64 bits.
        self._limit = min(limit, NO_LIMIT)
        self._deflate: Any = deflate
        self._lender = Lender() if lender is None else lender
        # The lender's, one that was left to us by it, or one as large as a small rest.
        self._buffer = _NO_BYTES
        self._view = _NO_VIEW
        self._capacity = 0
        self._head = 0
        self._tail = 0
        # Bytes in front of the lender's view that was given for the next read; -1: it is our own.
        self._carried = 0
        self._fresh: list[Any] = NONE
        self._alone = False
        self._controls: list[Any] = NONE
        self._decoder: Any = None

    # -- bytes in -----------------------------------------------------------------------------

    @cython.ccall
    def get_buffer(self) -> Any:
        """Memory for the next read, never empty."""
        lender: Lender = self._lender
        rest: cython.Py_ssize_t = self._tail - self._head
        if rest > 0 and self._capacity > SMALL_REST:
            if self._head > 0:
                self._compact()
            if self._tail == self._capacity:
                # A transport delivers although it was paused: keep the bytes.
                self._grow(self._capacity * 2)
            self._carried = -1
            return self._view[self._tail :]
        if lender.lent:
            lender.renew()
        self._carried = rest
        if rest == 0:
            return lender.view
        if cython.compiled:
            memcpy(
                PyByteArray_AS_STRING(lender.buffer),
                PyByteArray_AS_STRING(self._buffer) + self._head,
                rest,
            )
        else:
            lender.view[:rest] = self._view[self._head : self._tail]
        return lender.view[rest:]

    @cython.ccall
    def filled(self, count: cython.Py_ssize_t) -> cython.void:
        """So many bytes were read into what `get_buffer` gave; `parse` has to follow."""
        lender: Lender = self._lender
        if self._carried < 0:
            self._tail += count
            return
        lender.lent = True
        self._buffer = lender.buffer
        self._view = lender.view
        self._capacity = READ_BUFFER
        self._head = 0
        self._tail = self._carried + count

    @cython.cfunc
    def _settle(self) -> cython.int:
        """Give the lender its buffer back, unless too much is left in it."""
        lender: Lender = self._lender
        rest: cython.Py_ssize_t = self._tail - self._head
        if rest > SMALL_REST:
            if self._buffer is lender.buffer:
                lender.renew()
            return 0
        if self._buffer is lender.buffer:
            lender.lent = False
        elif rest > 0 or self._capacity == 0:
            # A buffer of our own is kept until nothing is left in it: whose frames are large will
            # need it again at once.
            return 0
        else:
            lender.take_back(self._buffer)
        if rest == 0:
            self._buffer = _NO_BYTES
            self._view = _NO_VIEW
        else:
            if cython.compiled:
                self._buffer = PyByteArray_FromStringAndSize(
                    PyByteArray_AS_STRING(self._buffer) + self._head, rest
                )
            else:
                self._buffer = bytearray(self._view[self._head : self._tail])
            self._view = memoryview(self._buffer)
        self._capacity = rest
        self._head = 0
        self._tail = rest
        return 0

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
        lender: Lender = self._lender
        if self._buffer is lender.buffer:
            lender.lent = False
        larger = bytearray(capacity)
        larger[: self._tail] = self._view[: self._tail]
        self._buffer = larger
        self._view = memoryview(larger)
        self._capacity = len(larger)

    # -- messages out -------------------------------------------------------------------------

    @property
    def partial(self) -> bool:
        """Whether a frame or a fragmented message is incomplete."""
        return self._head < self._tail or self.opcode != 0

    def take_controls(self) -> list[tuple[int, bytes]]:
        """The control frames of the last `parse`, as (opcode, payload)."""
        controls = self._controls
        self._controls = NONE
        return controls

    @cython.cfunc
    def _add_control(self, opcode: cython.int, payload: bytes) -> cython.int:
        if self._controls is NONE:
            self._controls = []
        self._controls.append((opcode, payload))
        return 0

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
        self.halfway = False
        if self.error is None and not self.closing:
            try:
                self._alone = room_bytes < 0
                self._run(room, -room_bytes if room_bytes < 0 else room_bytes)
                self._settle()
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
        self._fresh = NONE
        return fresh

    def discard(self) -> None:
        """Forget what was read: the link has ended."""
        self._head = 0
        self._tail = 0
        self._settle()

    @cython.cfunc
    def _run(self, room: cython.Py_ssize_t, room_bytes: cython.longlong) -> cython.int:
        """Parse until there is no more, or no room; what was made goes into `_fresh`."""
        raise NotImplementedError

    @cython.cfunc
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
    def _check_bits(self, first: cython.int, second: cython.int) -> cython.int:
        """What can be wrong with a header, but for its length."""
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
        if 2 < opcode < 8 or opcode > 10:
            raise ProtocolError(f"the peer sent the reserved opcode {opcode}")
        if opcode >= 8:
            self._check_control(first, second)
        elif opcode == 0 and self.opcode == 0:
            raise ProtocolError("the peer continued a message that had not begun")
        elif opcode != 0 and self.opcode != 0:
            raise ProtocolError("the peer began a message before the last one was complete")
        return 0

    def _check_control(self, first: cython.int, second: cython.int) -> None:
        if not first & 0x80:
            raise ProtocolError("the peer fragmented a control frame")
        if (second & 0x7F) > MAX_CONTROL:
            raise ProtocolError("the peer sent a control frame of more than 125 bytes")

    def _decode(self, payload: bytes, final: bool) -> str:
        try:
            text: str = self._decoder.decode(payload, final)
        except UnicodeDecodeError as error:
            raise not_utf8(error) from None
        return text

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
