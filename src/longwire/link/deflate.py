"""permessage-deflate (RFC 7692): the two codecs of one link.

Compiled in Cython's pure-Python mode; runs uncompiled too. Codecs are made when they are first
needed, and kept between messages only where the window was agreed to be.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from longwire.errors import MessageTooBig, ProtocolError
from longwire.link.zlibs import inflating

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

TAIL = b"\x00\x00\xff\xff"
"""What a sender strips from the end of each message (RFC 7692, 7.2.1)."""

EMPTY = b"\x00"
"""An empty block without that tail (RFC 7692, 7.2.3.6)."""

MOST_STREAMS = 1024
"""Streams that may end, with a final block, in one message. A sender without a better way to flush
ends one at each flush (RFC 7692, 7.2.3.4), a fragment at a time at most. An empty stream takes two
bytes and makes none, so the limit on what is made cannot bound them."""

FIRST_PART = 256
"""Bytes of a further stream that zlib is given first, then twice as many each time. It copies all
that follows a final block: given everything, many such blocks would cost the square of it."""

PORTION = 2**20
"""Bytes that messages may inflate to in one turn of the loop, and one step more: what is read at a
time may inflate to a thousand times its size. A message of more is inflated in steps of so much."""

PACKED_PORTION = PORTION // 4
"""Bytes of one message that are inflated in one step, whatever they give. JSON gives a portion, in
8 ms; blocks that hold but a table give nothing, and zlib takes 40 ms for them."""


@dataclass(frozen=True, kw_only=True)
class DeflateParameters:
    """What both sides agreed on, and how we compress; ``local`` is the direction we compress in.

    Args:
        local_no_context_takeover: Forget our window after each message we send.
        remote_no_context_takeover: The peer forgets its window after each message it sends.
        local_max_window_bits: Size of our window, 8 to 15.
        remote_max_window_bits: Size of the peer's window, 8 to 15.
        send: Whether we compress at all. This and the rest as in `longwire.Deflate`.
        level: From 1, the fastest, to 9, the smallest.
        memory: zlib's ``memLevel``, 1 to 9.
        min_bytes: Messages shorter than this are not compressed.
    """

    local_no_context_takeover: bool = False
    remote_no_context_takeover: bool = False
    local_max_window_bits: int = 15
    remote_max_window_bits: int = 15
    send: bool = True
    level: int = 6
    memory: int = 5
    min_bytes: int = 64


@cython.final
@cython.cclass
class Deflate:
    """Compress what is sent and inflate what is received on one link.

    Args:
        parameters: What was agreed on.
        portion: Bytes that a message may inflate to in one step.
        packed_portion: Bytes of it that are inflated in one step, whatever they give.
    """

    _parameters: Any
    _compressor: Any
    _inflater: Any
    _forgetful: cython.bint
    _stopped: cython.bint
    _portion: cython.longlong
    _packed_portion: cython.Py_ssize_t
    # A long message under way: what is not inflated yet, how much of that zlib is given at a time,
    # what was made, and how many streams have ended in it.
    _rest: Any
    _size: cython.Py_ssize_t
    _parts: list[bytes]
    _made: cython.longlong
    _limit: cython.longlong
    _streams: cython.int

    def __init__(
        self,
        parameters: DeflateParameters,
        *,
        portion: int = PORTION,
        packed_portion: int = PACKED_PORTION,
    ) -> None:
        self._parameters = parameters
        self._compressor = None
        self._inflater = None
        self._forgetful = parameters.remote_no_context_takeover
        self._stopped = False
        self._portion = portion
        self._packed_portion = packed_portion
        self._rest = None
        self._size = 0
        self._parts = []
        self._made = 0
        self._limit = 0
        self._streams = 0

    # -- sending ------------------------------------------------------------------------------

    @cython.ccall
    def compress(self, payload: bytes) -> bytes:
        """Compress one message."""
        packed: bytes = self._compressed(payload, True)
        return packed.removesuffix(TAIL)

    def compress_fragment(self, payload: bytes, *, final: bool) -> bytes:
        """Compress a fragment so that all of it can be inflated when it comes (RFC 7692, 7.2.1)."""
        packed: bytes = self._compressed(payload, final)
        if not final:
            return packed
        # Where nothing is left to flush there is no tail, and an empty block ends the message.
        return packed.removesuffix(TAIL) or EMPTY

    @cython.cfunc
    def _compressed(self, payload: bytes, final: cython.bint) -> bytes:
        compressor = self._compressor
        if compressor is None:
            compressor = self._new_compressor()
        packed: bytes = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
        kept = not (final and self._parameters.local_no_context_takeover)
        self._compressor = compressor if kept else None
        return packed

    def _new_compressor(self) -> zlib._Compress:
        bits = self._parameters.local_max_window_bits
        return zlib.compressobj(
            level=self._parameters.level,
            wbits=-max(9, bits),
            memLevel=self._parameters.memory,
            # zlib has no window of 8 bits. With runs alone it never looks back further than a byte.
            strategy=zlib.Z_DEFAULT_STRATEGY if bits > 8 else zlib.Z_RLE,
        )

    # -- receiving ----------------------------------------------------------------------------

    def stop(self) -> None:
        """Inflate no more: messages are only counted from now on, and are empty."""
        self._stopped = True

    @cython.ccall
    def inflate(self, payload: bytes, limit: cython.longlong) -> bytes:
        """Inflate one whole message at once; as `begin` for the rest."""
        plain: Any = self.begin(payload, limit)
        while plain is None:
            plain = self.go_on()
        whole: bytes = plain
        return whole

    @cython.ccall
    def begin(self, payload: bytes, limit: cython.longlong) -> Any:
        """Inflate a message, or the first step of one that has more than a portion.

        No more than ``limit`` bytes and one are ever made.

        Returns:
            The message, or None: `go_on` until it gives it.

        Raises:
            MessageTooBig: it would be larger than ``limit``.
            ProtocolError: it cannot be inflated, or has more than `MOST_STREAMS` final blocks.
        """
        plain: bytes
        most: cython.longlong
        if self._stopped:
            return b""
        if self._inflater is None:
            self._inflater = self._new_inflater()
        packed: bytes = payload + TAIL
        if len(packed) > self._packed_portion:
            self._begin_long(packed, limit)
            return self._step(self._portion, self._packed_portion)
        most = (limit if limit < self._portion else self._portion) + 1
        plain = self._decompress(packed, most)
        if len(plain) < most and not self._inflater.eof:
            if self._forgetful:
                self._inflater = None
            return plain
        self._begin_long(packed, limit)
        if self._note(plain, len(packed), most):
            return self._whole()
        return self._step(self._portion - len(plain), self._packed_portion)

    @cython.ccall
    def go_on(self) -> Any:
        """Inflate the next step of the message that was begun; returns and raises as `begin`."""
        if self._stopped:
            self._forget()
            return b""
        return self._step(self._portion, self._packed_portion)

    @cython.cfunc
    def _begin_long(self, packed: bytes, limit: cython.longlong) -> cython.int:
        self._rest = memoryview(packed)
        self._size = len(packed)
        self._parts = []
        self._made = 0
        self._limit = limit
        self._streams = 0
        return 0

    @cython.cfunc
    def _step(self, portion: cython.longlong, packed_portion: cython.Py_ssize_t) -> Any:
        """Go on until so much was made, or so much inflated, or the message is whole."""
        most: cython.longlong
        size: cython.Py_ssize_t
        left: cython.Py_ssize_t
        while portion > 0 and packed_portion > 0:
            if self._inflater is None:
                self._inflater = self._new_inflater()
            most = self._limit + 1 - self._made
            most = most if most < portion else portion
            size = self._size if self._size < packed_portion else packed_portion
            left = len(self._rest)
            part = self._rest[:size]
            plain: bytes = self._decompress(part, most)
            if self._note(plain, len(part), most):
                return self._whole()
            portion -= len(plain)
            packed_portion -= left - len(self._rest)
        return None

    @cython.cfunc
    def _note(self, plain: bytes, given: cython.Py_ssize_t, most: cython.longlong) -> cython.bint:
        """What so many bytes gave that zlib was given; whether that was the last of the message."""
        self._made += len(plain)
        if self._made > self._limit:
            limit = self._limit
            self._forget()
            raise MessageTooBig(
                f"a compressed message inflates to more than {limit} bytes",
                limit=limit,
                size=None,
                blame="peer",
            )
        self._parts.append(plain)
        ended: cython.bint = self._inflater.eof
        left = self._inflater.unused_data if ended else self._inflater.unconsumed_tail
        self._rest = self._rest[given - len(left) :]
        if ended:
            return self._end_stream()
        if self._size < self._packed_portion:
            self._size *= 2
        return len(self._rest) == 0 and len(plain) < most

    @cython.cfunc
    def _end_stream(self) -> cython.bint:
        """A sender may end its stream with a final block, and begin anew (RFC 7692, 7.2.3.4)."""
        self._inflater = None
        self._streams += 1
        if self._streams > MOST_STREAMS:
            self._forget()
            raise ProtocolError(
                f"the peer's compressed message has more than {MOST_STREAMS} deflate streams",
                code=1007,
            )
        self._size = FIRST_PART
        return len(self._rest) == 0 or self._rest in (TAIL, TAIL[1:])

    @cython.cfunc
    def _whole(self) -> bytes:
        """The message that is inflated now."""
        parts: list[bytes] = self._parts
        self._forget()
        if self._forgetful:
            self._inflater = None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    @cython.cfunc
    def _forget(self) -> cython.int:
        """Nothing is under way."""
        self._rest = None
        self._parts = []
        return 0

    def _new_inflater(self) -> Any:
        # A window of 8 bits is legal on the wire; zlib inflates it with 9.
        return inflating().decompressobj(wbits=-max(9, self._parameters.remote_max_window_bits))

    def inflate_some(self, packed: memoryview, limit: int) -> tuple[bytes, int, bool]:
        """Inflate the next bytes of a message, to at most ``limit`` bytes, which is 1 or more.

        Returns:
            What they inflate to; how many of them that took, fewer only at the limit or behind a
            final block; and whether there was one, so that a new stream begins.

        Raises:
            ProtocolError: they cannot be inflated.
        """
        if self._stopped:
            return b"", len(packed), False
        if self._inflater is None:
            self._inflater = self._new_inflater()
        inflater = self._inflater
        plain: bytes = self._decompress(packed, limit)
        if not inflater.eof:
            return plain, len(packed) - len(inflater.unconsumed_tail), False
        self._inflater = None
        return plain, len(packed) - len(inflater.unused_data), True

    def end_inflating(self) -> None:
        """The message that `inflate_some` was given is over."""
        if self._forgetful:
            self._inflater = None

    @cython.cfunc
    def _decompress(self, part: Any, most: cython.longlong) -> bytes:
        try:
            plain: bytes = self._inflater.decompress(part, most)
        except (zlib.error, inflating().error) as error:
            self._forget()
            raise ProtocolError(
                f"the peer's compressed data cannot be inflated: {error}", code=1007
            ) from error
        return plain
