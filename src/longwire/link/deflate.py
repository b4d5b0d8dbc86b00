"""permessage-deflate (RFC 7692): the two codecs of one link."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from longwire.errors import MessageTooBig, ProtocolError

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
    """What both sides agreed on; ``local`` is the direction in which we compress.

    Args:
        local_no_context_takeover: Forget our window after each message we send.
        remote_no_context_takeover: The peer forgets its window after each message it sends.
        local_max_window_bits: Size of our window, 8 to 15.
        remote_max_window_bits: Size of the peer's window, 8 to 15.
    """

    local_no_context_takeover: bool = False
    remote_no_context_takeover: bool = False
    local_max_window_bits: int = 15
    remote_max_window_bits: int = 15


class Deflate:
    """Compress what is sent and inflate what is received on one link."""

    def __init__(self, parameters: DeflateParameters) -> None:
        self._parameters = parameters
        self._compressor = self._new_compressor()
        self._inflater = self._new_inflater()
        self._stopped = False

    def _new_compressor(self) -> zlib._Compress:
        bits = self._parameters.local_max_window_bits
        # memLevel 5 needs half the memory of zlib's default 8 for about the same ratio on short
        # messages; websockets and ws chose it for the same reason.
        return zlib.compressobj(
            level=zlib.Z_DEFAULT_COMPRESSION,
            wbits=-max(9, bits),
            memLevel=5,
            # zlib has no window of 8 bits. With runs alone it never looks back further than a byte.
            strategy=zlib.Z_DEFAULT_STRATEGY if bits > 8 else zlib.Z_RLE,
        )

    def _new_inflater(self) -> zlib._Decompress:
        # A window of 8 bits is legal on the wire; zlib inflates it with 9.
        return zlib.decompressobj(wbits=-max(9, self._parameters.remote_max_window_bits))

    def compress(self, payload: bytes) -> bytes:
        """Compress one message."""
        packed = self._compressor.compress(payload) + self._compressor.flush(zlib.Z_SYNC_FLUSH)
        if self._parameters.local_no_context_takeover:
            self._compressor = self._new_compressor()
        return packed.removesuffix(TAIL)

    def compress_fragment(self, payload: bytes, *, final: bool) -> bytes:
        """Compress a fragment so that all of it can be inflated when it comes (RFC 7692, 7.2.1)."""
        packed = self._compressor.compress(payload) + self._compressor.flush(zlib.Z_SYNC_FLUSH)
        if not final:
            return packed
        if self._parameters.local_no_context_takeover:
            self._compressor = self._new_compressor()
        # Where nothing is left to flush there is no tail, and an empty block ends the message.
        return packed.removesuffix(TAIL) or EMPTY

    def stop(self) -> None:
        """Inflate no more: messages are only counted from now on, and are empty."""
        self._stopped = True

    def inflate(self, payload: bytes, limit: int) -> bytes:
        """Inflate one whole message, never producing more than ``limit`` bytes and one.

        Raises:
            MessageTooBig: it would be larger than ``limit``.
            ProtocolError: it cannot be inflated, or has more than `MOST_STREAMS` final blocks.
        """
        if self._stopped:
            return b""
        packed = payload + TAIL
        plain = self._inflate_part(packed, limit, 0)
        if self._inflater.eof:
            plain = self._inflate_next_streams(plain, packed, limit)
        if self._parameters.remote_no_context_takeover:
            self._inflater = self._new_inflater()
        return plain

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
        inflater = self._inflater
        plain = self._decompress(packed, limit)
        if not inflater.eof:
            return plain, len(packed) - len(inflater.unconsumed_tail), False
        self._inflater = self._new_inflater()
        return plain, len(packed) - len(inflater.unused_data), True

    def end_inflating(self) -> None:
        """The message that `inflate_some` was given is over."""
        if self._parameters.remote_no_context_takeover:
            self._inflater = self._new_inflater()

    def _inflate_part(self, part: bytes | memoryview, limit: int, made: int) -> bytes:
        plain = self._decompress(part, limit + 1 - made)
        if made + len(plain) > limit:
            raise MessageTooBig(
                f"a compressed message inflates to more than {limit} bytes",
                limit=limit,
                size=None,
                blame="peer",
            )
        return plain

    def _decompress(self, part: bytes | memoryview, most: int) -> bytes:
        try:
            return self._inflater.decompress(part, most)
        except zlib.error as error:
            raise ProtocolError(
                f"the peer's compressed data cannot be inflated: {error}", code=1007
            ) from error
