"""Close frames: their payload both ways (RFC 6455, 5.5.1 and 7.4)."""

from __future__ import annotations

from longwire.core.closecodes import receivable, sendable
from longwire.errors import ProtocolError

NO_CODE = 1005
"""What `Closure.received_code` says of an empty close frame; never on the wire."""

MAX_REASON = 123
"""Bytes of UTF-8 that a close reason may have."""


def read_close(payload: bytes) -> tuple[int, str]:
    """Code and reason of a close frame.

    Raises:
        ProtocolError: one byte only, a code that must not be sent, or a reason that is not UTF-8.
    """
    if not payload:
        return NO_CODE, ""
    if len(payload) == 1:
        raise ProtocolError("the peer sent a close frame with half a code")
    code = int.from_bytes(payload[:2], "big")
    if not receivable(code):
        raise ProtocolError(f"the peer sent the close code {code}, which must not be on the wire")
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError:
        raise ProtocolError("the peer sent a close reason that is not UTF-8", code=1007) from None


def write_close(code: int, reason: str) -> bytes:
    """The payload of a close frame.

    Raises:
        ValueError: the code must not be sent, or the reason is over 123 bytes.
    """
    if not sendable(code):
        raise ValueError(
            f"close code {code} cannot be sent; use 1000, another of 1001-1014 that RFC 6455 "
            "allows, or 3000-4999"
        )
    encoded = reason.encode()
    if len(encoded) > MAX_REASON:
        raise ValueError(f"a close reason may have {MAX_REASON} bytes; this one has {len(encoded)}")
    return code.to_bytes(2, "big") + encoded
