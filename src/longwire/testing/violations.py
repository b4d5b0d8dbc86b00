"""Every way for a server to break RFC 6455 (and RFC 7692) in a few bytes, by name."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import msgspec

from longwire.chaos.frames import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    TEXT,
    close_payload,
    frame,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PROTOCOL_ERROR: Final = 1002
INVALID_DATA: Final = 1007


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that no server may send."""

    name: str
    raw: bytes
    codes: tuple[int, ...]
    """The close codes that a client may fail the connection with, the best one first."""
    rule: str
    """The section of the RFC that is broken."""
    deflate: bool = False
    """It presumes that permessage-deflate was agreed on, without context takeover."""


def _headers() -> list[Violation]:
    def broken(name: str, raw: bytes, rule: str) -> Violation:
        return Violation(name=name, raw=raw, codes=(PROTOCOL_ERROR,), rule=rule)

    return [
        *(
            broken(f"invalid-opcode-{opcode}", frame(opcode, b"x"), "RFC 6455 5.2")
            for opcode in (3, 7, 11, 15)
        ),
        broken("rsv1", frame(TEXT, b"x", rsv=4), "RFC 6455 5.2"),
        broken("rsv2", frame(TEXT, b"x", rsv=2), "RFC 6455 5.2"),
        broken("rsv3", frame(BINARY, b"x", rsv=1), "RFC 6455 5.2"),
        broken("rsv1-ping", frame(PING, b"x", rsv=4), "RFC 6455 5.2"),
        broken("masked-text", frame(TEXT, b"x", mask=b"mask"), "RFC 6455 5.1"),
        broken("masked-ping", frame(PING, b"x", mask=b"mask"), "RFC 6455 5.1"),
        broken("length-2^63", frame(BINARY, b"x", length=1 << 63), "RFC 6455 5.2"),
        broken("length-2^64-1", frame(TEXT, b"x", length=(1 << 64) - 1), "RFC 6455 5.2"),
        broken("fragmented-ping", frame(PING, b"x", fin=False), "RFC 6455 5.5"),
        broken("fragmented-pong", frame(PONG, b"x", fin=False), "RFC 6455 5.5"),
        broken("fragmented-close", frame(CLOSE, b"", fin=False), "RFC 6455 5.5"),
        broken("oversized-ping", frame(PING, bytes(126)), "RFC 6455 5.5"),
        broken("oversized-pong", frame(PONG, bytes(126)), "RFC 6455 5.5"),
        broken("oversized-close", frame(CLOSE, close_payload(1000, "x" * 124)), "RFC 6455 5.5"),
    ]


def _fragments() -> list[Violation]:
    def broken(name: str, raw: bytes) -> Violation:
        return Violation(name=name, raw=raw, codes=(PROTOCOL_ERROR,), rule="RFC 6455 5.4")

    start = frame(TEXT, b"begun ", fin=False)
    return [
        broken("stray-continuation", frame(CONT, b"x")),
        broken("stray-continuation-not-last", frame(CONT, b"x", fin=False)),
        broken("nested-text", start + frame(TEXT, b"x")),
        broken("nested-binary", start + frame(BINARY, b"x")),
        broken("nested-after-ping", start + frame(PING) + frame(TEXT, b"x", fin=False)),
        broken("continued-after-the-end", start + frame(CONT, b"x") + frame(CONT, b"y")),
    ]


def _texts() -> list[Violation]:
    def broken(name: str, raw: bytes) -> Violation:
        return Violation(name=name, raw=raw, codes=(INVALID_DATA,), rule="RFC 6455 8.1")

    euro = "€".encode()
    return [
        broken("utf8-invalid-byte", frame(TEXT, b"ab\xffcd")),
        broken("utf8-truncated", frame(TEXT, euro[:2])),
        broken("utf8-surrogate", frame(TEXT, b"\xed\xa0\x80")),
        broken("utf8-overlong", frame(TEXT, b"\xc0\xaf")),
        broken("utf8-too-high", frame(TEXT, b"\xf4\x90\x80\x80")),
        broken(
            "utf8-invalid-in-second-fragment",
            frame(TEXT, b"good ", fin=False) + frame(CONT, b"bad \xff"),
        ),
        broken(
            "utf8-broken-across-fragments",
            frame(TEXT, euro[:2], fin=False) + frame(CONT, b"x"),
        ),
        broken(
            "utf8-truncated-in-last-fragment",
            frame(TEXT, b"good ", fin=False) + frame(CONT, euro[:1]),
        ),
    ]


def _closes() -> list[Violation]:
    def broken(name: str, payload: bytes, code: int = PROTOCOL_ERROR) -> Violation:
        return Violation(name=name, raw=frame(CLOSE, payload), codes=(code,), rule="RFC 6455 7.4")

    return [
        broken("close-one-byte", b"\x03"),
        *(
            broken(f"close-code-{code}", close_payload(code))
            for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
        ),
        broken("close-reason-not-utf8", close_payload(1000, b"\xff"), INVALID_DATA),
    ]


def _deflated() -> list[Violation]:
    def broken(name: str, raw: bytes, rule: str, *codes: int) -> Violation:
        return Violation(name=name, raw=raw, codes=codes, rule=rule, deflate=True)

    start = frame(TEXT, deflate(b"good "), fin=False, rsv=4)
    # RFC 7692 names no code for data that cannot be inflated: both are seen in the field.
    either = (INVALID_DATA, PROTOCOL_ERROR)
    return [
        broken("deflate-garbage", frame(TEXT, b"\xff" * 8, rsv=4), "RFC 7692 7.2.2", *either),
        broken(
            "deflate-rsv1-on-continuation",
            start + frame(CONT, b"x", rsv=4),
            "RFC 7692 6.1",
            PROTOCOL_ERROR,
        ),
        broken("deflate-rsv1-on-ping", frame(PING, b"x", rsv=4), "RFC 7692 6.1", PROTOCOL_ERROR),
        broken("deflate-rsv2", frame(TEXT, deflate(b"x"), rsv=6), "RFC 6455 5.2", PROTOCOL_ERROR),
        broken(
            "deflate-utf8-invalid",
            frame(TEXT, deflate(b"\xff"), rsv=4),
            "RFC 6455 8.1",
            INVALID_DATA,
        ),
    ]


def deflate(data: bytes) -> bytes:
    """Compress one message as RFC 7692 7.2.1 says, without context takeover."""
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
        b"\x00\x00\xff\xff"
    )


VIOLATIONS: Final[Mapping[str, Violation]] = {
    violation.name: violation
    for family in (_headers, _fragments, _texts, _closes, _deflated)
    for violation in family()
}
"""By name. A length field that is not the shortest is left out: receivers accept it."""

DEFLATE_HEADERS: Final[Mapping[str, str]] = {
    "Sec-WebSocket-Extensions": (
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    )
}
"""For `accept_with`, to make the client believe in compression."""
