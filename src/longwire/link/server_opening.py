"""The server's side of the opening handshake, without input and output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.link.handshake import ServerHandshake
from longwire.link.headers import Headers, HeadersLike, checked_pairs
from longwire.link.routing import OpeningRequest, Refusal, Response, plain, switching
from longwire.link.zlibs import checked_compression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.core.compression import Compression
    from longwire.link.deflate import DeflateParameters
    from longwire.link.handshake import Field, ParsedRequest
    from longwire.link.secured import TLSInfo

_END: Final = b"\r\n\r\n"
_ABSOLUTE_TARGET: Final = re.compile(r"(?i:https?|wss?)://([^/?#]+)([^#]*)")
_HOST: Final = re.compile(r"(?:[-0-9A-Za-z._~!$&'()*+,;=%]+|\[[-0-9A-Za-z._~%:]+\])(?::[0-9]*)?|")
"""A host and perhaps a port, or nothing (RFC 9110, 7.2)."""


class ServerOpening:
    """One opening: `feed` until there is a request, then `check`, then `accept` or `reject`.

    Args:
        peer: The client's address.
        origins: Acceptable values of ``Origin``, None among them for its absence; None: any.
        compression: ``"deflate"`` or `Deflate` options accept permessage-deflate where it is
            offered, None never.
        max_request_bytes: The largest head of a request.
    """

    def __init__(
        self,
        *,
        peer: str = "",
        origins: Sequence[str | None] | None = None,
        compression: Compression = "deflate",
        max_request_bytes: int = 16_384,
    ) -> None:
        self._peer = peer
        self.tls: TLSInfo | None = None
        """How the connection is encrypted; to be set before `feed`."""
        self._handshake = ServerHandshake(
            origins=origins, deflate=checked_compression(compression, client=False)
        )
        self._limit = max_request_bytes
        self._buffer = bytearray()
        self._scanned = 0
        self._parsed: ParsedRequest | None = None
        self._request: OpeningRequest | None = None
        self._fields: list[Field] = []
        self._deflate: DeflateParameters | None = None

    def feed(self, data: bytes) -> OpeningRequest | None:
        """Take received bytes; returns the request once it is complete, None until then.

        What comes behind the request is kept in `early`.

        Raises:
            Refusal: it is no request that can be dealt with: 400, 405, 414 or 431.
        """
        self._buffer += data
        if self._request is None:
            head = self._take_head()
            if head is not None:
                self._request = self._described(head)
        return self._request

    @property
    def early(self) -> bytes:
        """What has come behind the request."""
        return bytes(self._buffer)

    @property
    def deflate(self) -> DeflateParameters | None:
        """What was agreed on, once `check` has passed."""
        return self._deflate

    def check(self) -> None:
        """Check the handshake and negotiate compression.

        Raises:
            Refusal: 400, 403 (origin), 405, 426 (no upgrade, or another version) or 505.
        """
        if self._parsed is None:
            raise RuntimeError("check comes after feed has returned a request")
        self._fields, self._deflate = self._handshake.verify(self._parsed)

    def accept(self, *, subprotocol: str | None = None, headers: HeadersLike = ()) -> bytes:
        """The 101, to be sent; `check` comes first.

        Raises:
            ValueError: the client did not offer this subprotocol, or a header must not be sent.
            RuntimeError: `check` has not been called.
        """
        if self._request is None or not self._fields:
            raise RuntimeError("accept comes after check")
        fields = [*self._fields, *checked_pairs(headers)]
        if subprotocol is not None:
            if subprotocol not in self._request.subprotocols:
                raise ValueError("the chosen subprotocol was not offered by the client")
            fields.append(("Sec-WebSocket-Protocol", subprotocol))
        return switching(fields)

    def reject(self, response: Response) -> bytes:
        """A plain answer, to be sent; the connection is closed behind it."""
        return plain(response, method=self._parsed.method if self._parsed else "GET")

    def _take_head(self) -> bytes | None:
        """Everything up to and including the blank line, once it is there."""
        end = self._buffer.find(_END, max(0, self._scanned - len(_END) + 1))
        self._scanned = len(self._buffer)
        if self._buffer and not self._buffer[:1].isalpha():
            # Said at once: a TLS hello or other garbage will never become a request.
            raise Refusal(Response(400, body="this is not HTTP/1.1\n"))
        if end < 0 and self._scanned <= self._limit:
            return None
        if end < 0 or end + len(_END) > self._limit:
            raise Refusal(Response(431, body=f"the request is over {self._limit} bytes\n"))
        head = bytes(self._buffer[: end + len(_END)])
        del self._buffer[: len(head)]
        return head

    def _described(self, head: bytes) -> OpeningRequest:
        self._parsed = parsed = self._handshake.parse(head)
        _check_host(parsed)
        target, headers = _resolved(parsed)
        if parsed.method not in ("GET", "HEAD"):
            raise Refusal(Response(405, {"Allow": "GET, HEAD"}, "only GET and HEAD\n"))
        if "transfer-encoding" in headers or headers.get("content-length", "0").strip("0"):
            # Bytes behind the request are the first frames; a body would be taken for them.
            raise Refusal(Response(400, body="an opening request has no body\n"))
        upgrades = headers.get("upgrade", "").lower().split(",")
        return OpeningRequest(
            method=parsed.method,
            target=target,
            headers=headers,
            peer=self._peer,
            upgrade=any(one.strip() == "websocket" for one in upgrades),
            subprotocols=parsed.subprotocols,
            tls=self.tls,
        )


def _check_host(request: ParsedRequest) -> None:
    """One valid ``Host``, or none in HTTP/1.0 (RFC 9112, 3.2): a proxy might read another one."""
    hosts = request.headers.get_all("host")
    missing = not hosts and request.version != "HTTP/1.0"
    if missing or len(hosts) > 1 or not all(map(_HOST.fullmatch, hosts)):
        raise Refusal(Response(400, body="a request has one Host\n"))


def _resolved(request: ParsedRequest) -> tuple[str, Headers]:
    """Path and query, and the fields; a whole URL as the target goes before ``Host``.

    As a proxy would send it (RFC 9112, 3.2.2). Other forms of targets are not for GET and HEAD.
    """
    if request.target.startswith("/") and "#" not in request.target:
        return request.target, request.headers
    absolute = _ABSOLUTE_TARGET.fullmatch(request.target)
    if absolute is None or not _HOST.fullmatch(absolute[1]):
        raise Refusal(Response(400, body="the request target is neither a path nor a URL\n"))
    host, path = absolute.groups()
    others = [pair for pair in request.headers.pairs if pair[0].lower() != "host"]
    target = path if path.startswith("/") else f"/{path}"
    return target, Headers([("Host", host), *others])
