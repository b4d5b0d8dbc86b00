"""permessage-deflate (RFC 7692): the two codecs of one link."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from longwire.errors import MessageTooBig, ProtocolError

_TAIL = b"\x00\x00\xff\xff"
"""What a sender strips from the end of each message (RFC 7692, 7.2.1)."""


@dataclass(frozen=True, kw_only=True)
class DeflateParameters:
    """What both sides agreed on; ``local`` is the direction in which we compress.

    Args:
        local_no_context_takeover: Forget our window after each message we send.
        remote_no_context_takeover: The peer forgets its window after each message it sends.
        local_max_window_bits: Size of our window, 9 to 15 (zlib cannot compress with 8).
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

    def _new_compressor(self) -> zlib._Compress:
        # memLevel 5 needs half the memory of zlib's default 8 for about the same ratio on short
        # messages; websockets and ws chose it for the same reason.
        return zlib.compressobj(
            level=zlib.Z_DEFAULT_COMPRESSION,
            wbits=-self._parameters.local_max_window_bits,
            memLevel=5,
        )

    def _new_inflater(self) -> zlib._Decompress:
        # A window of 8 bits is legal on the wire; zlib inflates it with 9.
        return zlib.decompressobj(wbits=-max(9, self._parameters.remote_max_window_bits))

    def compress(self, payload: bytes) -> bytes:
        """Compress one message."""
        packed = self._compressor.compress(payload) + self._compressor.flush(zlib.Z_SYNC_FLUSH)
        if self._parameters.local_no_context_takeover:
            self._compressor = self._new_compressor()
        return packed.removesuffix(_TAIL)

    def inflate(self, payload: bytes, limit: int) -> bytes:
        """Inflate one whole message, never producing more than ``limit`` bytes and one.

        Raises:
            MessageTooBig: it would be larger than ``limit``.
            ProtocolError: it is not a valid deflate stream.
        """
        plain = bytearray()
        rest = payload + _TAIL
        while rest:
            try:
                plain += self._inflater.decompress(rest, limit + 1 - len(plain))
            except zlib.error as error:
                raise ProtocolError(
                    f"the peer's compressed data cannot be inflated: {error}"
                ) from error
            if len(plain) > limit:
                raise MessageTooBig(
                    f"a compressed message inflates to more than {limit} bytes",
                    limit=limit,
                    size=None,
                    blame="peer",
                )
            # A sender may end its stream with a final block (RFC 7692, 7.2.3.5) and begin anew.
            rest = self._inflater.unused_data
            if self._inflater.eof:
                self._inflater = self._new_inflater()
            if rest in (_TAIL, _TAIL[1:]):
                break
        if self._parameters.remote_no_context_takeover:
            self._inflater = self._new_inflater()
        return bytes(plain)
