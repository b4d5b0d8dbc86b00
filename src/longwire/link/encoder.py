"""Messages to frames (RFC 6455, section 5).

Compiled in Cython's pure-Python mode; runs uncompiled too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from longwire.errors import MessageTooBig
from longwire.link.framing import NO_LIMIT
from longwire.link.masking import mask_bytes

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if cython.compiled:
    from cython.cimports.cpython.bytes import PyBytes_AS_STRING, PyBytes_FromStringAndSize
    from cython.cimports.libc.string import memcpy
    from cython.cimports.longwire.link.masking import mask_into

CONT = 0x0
TEXT = 0x1
BINARY = 0x2
CLOSE = 0x8
PING = 0x9
PONG = 0xA

_FIN = 0x80
_RSV1 = 0x40
_MASK_BLOCK = 4096
"""Bytes of randomness drawn at once: 1,024 masking keys per system call."""


def too_big_to_send(size: int, limit: int) -> MessageTooBig:
    """The error for a message of our own that is over the limit; both in bytes."""
    return MessageTooBig(
        f"a message of {size} bytes is over the limit of {limit}",
        limit=limit,
        size=size,
        blame="local",
    )


@cython.cclass
class Encoder:
    """The sending half of one link.

    Args:
        masked: Whether frames are masked: true on the client's side. Keys come from the operating
            system's random source, as RFC 6455, 5.3 and 10.3 ask.
        max_message_bytes: The largest message that `frame` accepts, before compression.
    """

    deflate = cython.declare(object, visibility="public")
    """The codec, if permessage-deflate was negotiated and we compress."""
    pack_from = cython.declare(cython.Py_ssize_t, visibility="public")
    """Messages shorter than this are not compressed."""
    _limit: cython.longlong
    _masked: cython.bint
    _keys: bytes
    _used: cython.Py_ssize_t

    def __init__(self, *, masked: bool, max_message_bytes: int = NO_LIMIT) -> None:
        self.deflate = None
        self.pack_from = 0
        self._limit = min(max_message_bytes, NO_LIMIT)
        self._masked = masked
        self._keys = b""
        self._used = 0

    @cython.ccall
    def frame(self, data: object) -> bytes:
        """A message of the user's as one frame, compressed where that was negotiated and pays.

        Raises:
            TypeError: it is neither text nor bytes.
            MessageTooBig: it is over the limit.
        """
        payload: bytes
        opcode: cython.int = BINARY
        if type(data) is bytes:
            payload = data
        elif isinstance(data, str):
            opcode = TEXT
            payload = data.encode()
        elif isinstance(data, bytes | bytearray | memoryview):
            # In C bytes are bytes, and no class of their own.
            payload = bytes(data)
        else:
            raise TypeError(f"a message is str or bytes, not {type(data).__name__}")
        if len(payload) > self._limit:
            raise too_big_to_send(len(payload), self._limit)
        if self.deflate is not None and len(payload) >= self.pack_from:
            return self.encode(opcode, self.deflate.compress(payload), True)
        return self.encode(opcode, payload)

    @cython.ccall
    def encode(
        self,
        opcode: cython.int,
        payload: bytes,
        packed: cython.bint = False,
        more: cython.bint = False,
    ) -> bytes:
        """One whole message or control frame, or a fragment.

        Args:
            opcode: `TEXT`, `BINARY`, `CONT`, `CLOSE`, `PING` or `PONG`.
            payload: Its payload, compressed already if ``packed``.
            packed: Whether to set RSV1 (RFC 7692, 6).
            more: Whether fragments follow it.
        """
        length: cython.Py_ssize_t = len(payload)
        header: cython.Py_ssize_t = 2 if length < 126 else (4 if length < 65_536 else 10)
        first: cython.int = (0 if more else _FIN) | opcode | (_RSV1 if packed else 0)
        if self._masked:
            if self._used >= len(self._keys):
                self._keys = os.urandom(_MASK_BLOCK)
                self._used = 0
            self._used += 4
        if cython.compiled:
            size: cython.Py_ssize_t = header + (4 if self._masked else 0) + length
            frame: bytes = PyBytes_FromStringAndSize(cython.NULL, size)
            out: cython.p_uchar = cython.cast(cython.p_uchar, PyBytes_AS_STRING(frame))
            source: cython.p_uchar = cython.cast(cython.p_uchar, PyBytes_AS_STRING(payload))
            write_header(out, first, length, header, self._masked)
            if self._masked:
                key: cython.p_uchar = (
                    cython.cast(cython.p_uchar, PyBytes_AS_STRING(self._keys)) + self._used - 4
                )
                memcpy(out + header, key, 4)
                mask_into(out + header + 4, source, length, key)
            else:
                memcpy(out + header, source, length)
            return frame
        return self._encode_uncompiled(first, payload)

    def _encode_uncompiled(self, first: int, payload: bytes) -> bytes:
        length = len(payload)
        bit = 0x80 if self._masked else 0
        if length < 126:
            head = bytes((first, bit | length))
        elif length < 65_536:
            head = bytes((first, bit | 126)) + length.to_bytes(2, "big")
        else:
            head = bytes((first, bit | 127)) + length.to_bytes(8, "big")
        if not self._masked:
            return head + payload
        key = self._keys[self._used - 4 : self._used]
        return head + key + mask_bytes(payload, key)


if cython.compiled:

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def write_header(
        out: cython.p_uchar,
        first: cython.int,
        length: cython.Py_ssize_t,
        header: cython.Py_ssize_t,
        masked: cython.bint,
    ) -> cython.void:
        """Opcode and length, most significant byte first."""
        bit: cython.int = 0x80 if masked else 0
        step: cython.Py_ssize_t
        out[0] = first
        if header == 2:
            out[1] = bit | length
            return
        out[1] = bit | (126 if header == 4 else 127)
        for step in range(header - 1, 1, -1):
            out[step] = length & 0xFF
            length = length >> 8
