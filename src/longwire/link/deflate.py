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
    """

    _parameters: Any
    _compressor: Any
    _inflater: Any
    _forgetful: cython.bint
    _stopped: cython.bint

    def __init__(self, parameters: DeflateParameters) -> None:
        self._parameters = parameters
        self._compressor = None
        self._inflater = None
        self._forgetful = parameters.remote_no_context_takeover
        self._stopped = False

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
        """Inflate one whole message, never producing more than ``limit`` bytes and one.

        Raises:
            MessageTooBig: it would be larger than ``limit``.
            ProtocolError: it cannot be inflated, or has more than `MOST_STREAMS` final blocks.
        """
        plain: bytes
        if self._stopped:
            return b""
        if self._inflater is None:
            self._inflater = self._new_inflater()
        packed: bytes = payload + TAIL
        plain = self._inflate_part(packed, limit, 0)
        if self._inflater.eof:
            plain = self._inflate_next_streams(plain, packed, limit)
        if self._forgetful:
            self._inflater = None
        return plain

    def _new_inflater(self) -> Any:
        # A window of 8 bits is legal on the wire; zlib inflates it with 9.
        return inflating().decompressobj(wbits=-max(9, self._parameters.remote_max_window_bits))

    def _inflate_next_streams(self, first: bytes, packed: bytes, limit: int) -> bytes:
        """Go on behind a final block: a sender may end its stream there (RFC 7692, 7.2.3.4)."""
        plain = bytearray(first)
        rest = memoryview(packed)[len(packed) - len(self._inflater.unused_data) :]
        for _ in range(MOST_STREAMS):
            self._inflater = self._new_inflater()
            if rest in (TAIL, TAIL[1:]):
                return bytes(plain)
            size = FIRST_PART
            while rest and not self._inflater.eof:
                part = rest[:size]
                plain += self._inflate_part(part, limit, len(plain))
                rest = rest[len(part) - len(self._inflater.unused_data) :]
                size *= 2
            if not self._inflater.eof:
                return bytes(plain)
        raise ProtocolError(
            f"the peer's compressed message has more than {MOST_STREAMS} deflate streams", code=1007
        )

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
    def _inflate_part(self, part: Any, limit: cython.longlong, made: cython.longlong) -> bytes:
        plain: bytes = self._decompress(part, limit + 1 - made)
        if made + len(plain) > limit:
            raise MessageTooBig(
                f"a compressed message inflates to more than {limit} bytes",
                limit=limit,
                size=None,
                blame="peer",
            )
        return plain

    @cython.cfunc
    def _decompress(self, part: Any, most: cython.longlong) -> bytes:
        try:
            plain: bytes = self._inflater.decompress(part, most)
        except (zlib.error, inflating().error) as error:
            raise ProtocolError(
                f"the peer's compressed data cannot be inflated: {error}", code=1007
            ) from error
        return plain
