"""What TLS says of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import asyncio


class TLSInfo(msgspec.Struct, frozen=True, kw_only=True):
    """How a connection is encrypted, and who the other end has proved to be."""

    version: str
    """Such as ``TLSv1.3``."""
    cipher: str
    alpn: str | None = None
    """The application protocol that was agreed on (RFC 7301); None: none was."""
    peer_certificate: dict[str, Any] | None = None
    """The other end's certificate, taken apart as `ssl.SSLSocket.getpeercert` does it; None: it
    was not asked for (see `ssl.SSLContext.verify_mode`), or none was shown."""
    peer_certificate_der: bytes | None = None
    """The same certificate as it is, for fingerprints."""

    def __repr__(self) -> str:
        shown = ", with the peer's certificate" if self.peer_certificate_der else ""
        return f"TLSInfo({self.version}, {self.cipher}, alpn={self.alpn!r}{shown})"


def tls_info(transport: asyncio.BaseTransport) -> TLSInfo | None:
    """What TLS says of a transport; None if it has none."""
    secured = transport.get_extra_info("ssl_object")
    if secured is None:
        return None
    cipher = secured.cipher()
    der = secured.getpeercert(binary_form=True)
    return TLSInfo(
        version=secured.version() or "",
        cipher=cipher[0] if cipher else "",
        alpn=secured.selected_alpn_protocol(),
        # Taken apart by the engine already, for one of them with a file. Without verification it is
        # an empty dictionary: nothing is proved then.
        peer_certificate=transport.get_extra_info("peercert") or None,
        peer_certificate_der=der,
    )
